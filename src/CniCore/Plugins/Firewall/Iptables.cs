using System.Net.Sockets;
using System.Text;
using CniCore.Linux.Nftables;
using CniCore.Linux.Processes;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// iptables of one family and one back end, where its filter table is in force, in the namespace of the calling thread. Its rules can be
/// written by its own programs only: what nft adds with a condition on connections makes iptables refuse to read the table.
/// </summary>
internal sealed class Iptables
{
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];
    private static readonly ProcessLimits Limits = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2), 16 * 1024 * 1024, 64 * 1024);
    private readonly bool isLegacy;
    private readonly string name; // of the program, without its verb

    private Iptables(AddressFamily family, bool legacy)
    {
        Family = family;
        isLegacy = legacy;
        name = (family == AddressFamily.InterNetwork ? "iptables" : "ip6tables") + (legacy ? "-legacy" : "-nft");
    }

    public AddressFamily Family { get; }

    /// <summary>Those whose filter table forwards by rules: none on a host without iptables, two where both back ends are used.</summary>
    public static IReadOnlyList<Iptables> InForce() =>
        [.. new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.SelectMany(family => new Iptables[] { new(family, legacy: false), new(family, legacy: true) }).Where(one => one.IsInForce())];

    /// <summary>Runs lines of iptables-save's form, as one transaction; other chains stay as they are.</summary>
    /// <exception cref="CniPluginException">They are refused, or the program is missing.</exception>
    public void Restore(IEnumerable<string> lines)
    {
        var text = $"*filter\n{string.Concat(lines.Select(line => line + "\n"))}COMMIT\n";
        var exit = Run("-restore", ["--noflush", "-w"], Encoding.UTF8.GetBytes(text));
        if (exit.Status != 0)
            throw new CniPluginException(CniErrorCode.Internal, $"{name}-restore refuses the firewall's rules", Encoding.UTF8.GetString(exit.Errors).Trim());
    }

    /// <summary>The rules of a chain of the filter table, each <c>-A CHAIN …</c>; null where there is no such chain.</summary>
    public IReadOnlyList<string>? Rules(string chain)
    {
        var exit = Run("", ["-w", "-S", chain], default);
        return exit.Status != 0 ? null : [.. Encoding.UTF8.GetString(exit.Output).Split('\n').Where(line => line.StartsWith("-A ", StringComparison.Ordinal))];
    }

    /// <summary>The same chain as one text, in nft's words where that is cheaper; null where there is none.</summary>
    public string? Text(string chain)
    {
        if (isLegacy)
            return Rules(chain) is { } rules ? string.Join('\n', rules) : null;
        using var nft = Nftables.Open();
        try
        {
            return nft.Query($"list chain {(Family == AddressFamily.InterNetwork ? "ip" : "ip6")} filter {chain}");
        }
        catch (NftablesException)
        {
            return null;
        }
    }

    // The file of the names is the namespace's; that of the process would be another thread's.
    private bool IsInForce()
    {
        if (!isLegacy)
            return Text("FORWARD") is not null;
        var names = $"/proc/thread-self/net/{(Family == AddressFamily.InterNetwork ? "ip" : "ip6")}_tables_names";
        return File.Exists(names) && File.ReadLines(names).Contains("filter");
    }

    private ProcessExit Run(string verb, IEnumerable<string> arguments, ReadOnlyMemory<byte> input)
    {
        var program = name + verb;
        var path = Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? throw new CniPluginException(CniErrorCode.NotAvailable, $"iptables has rules here that the containers' packets must pass, and there is no {program} to add to them: install iptables");
        return ProcessRunner.Run(path, arguments, [$"PATH={string.Join(':', Folders)}"], input, Limits, TimeProvider.System, CancellationToken.None);
    }
}
