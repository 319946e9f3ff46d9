using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>
/// Removes the masquerade that DEL of the reference plugins bridge and ptp leaves: they read the addresses from the container's interface
/// and remove the rules of those, so that nothing is removed where the interface is gone: without a namespace, or when an earlier DEL was
/// killed after it had deleted the interface (plugins/main/bridge/bridge.go, cmdDel).
/// </summary>
internal sealed class LeftMasquerade(HostFirewall firewall)
{
    private const string Postrouting = "POSTROUTING";
    private const int ChainLength = 28;
    private const int EINVAL = 22; // the kernel has no nf_tables
    private const int EPROTONOSUPPORT = 93; // nor nfnetlink
    private const int EOPNOTSUPP = 95; // nor that family
    private static readonly NftTable[] Tables = [NftTable.Parse("ip nat"), NftTable.Parse("ip6 nat")];

    /// <summary>After a DEL by an executable.</summary>
    /// <exception cref="CniPluginException">The kernel refuses; a repeated DEL tries again.</exception>
    public void RemoveAfter(PluginCall call)
    {
        if (call.Command != CniCommand.Del || call.Plugin.ToString() is not ("bridge" or "ptp")
            || NetworkOf(call.Config) is not { } network)
            return;
        var chain = ChainOf(network, call.ContainerId);
        foreach (var table in Tables)
        {
            try
            {
                if (!Has(table, chain))
                    continue;
                var jumps = firewall.Host.Nftables.FilterRules(table, Postrouting).Where(rule => rule.Target == chain);
                firewall.Host.Nftables.Commit(
                    new NftTransaction(table).Change(jumps.Select(FilterChange.Delete)).DeleteChain(chain), "changing");
            }
            catch (LinuxException fault)
            {
                throw new CniPluginException(CniErrorCode.Internal,
                    $"the chain {chain} of the table {table}, which the plugin {call.Plugin} has left, cannot be removed",
                    fault.Message,
                    fault);
            }
        }
    }

    /// <summary>The chain of one container on one network (pkg/utils/utils.go, FormatChainName).</summary>
    public static string ChainOf(string network, string containerId) =>
        ("CNI-" + Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(network + containerId))))[..ChainLength];

    // A kernel without nf_tables has iptables' legacy back end alone.
    private bool Has(NftTable table, string chain)
    {
        try
        {
            return firewall.Host.Nftables.HasChain(table, chain);
        }
        catch (LinuxException fault) when (fault.Errno is EINVAL or EPROTONOSUPPORT or EOPNOTSUPP)
        {
            return false;
        }
    }

    // The network, where its plugin masquerades.
    internal static string? NetworkOf(ReadOnlyMemory<byte> config)
    {
        using var document = JsonDocument.Parse(config);
        var root = document.RootElement;
        return root.TryGetProperty("ipMasq", out var masquerade) && masquerade.ValueKind == JsonValueKind.True
            ? root.GetProperty("name").GetString()
            : null;
    }
}
