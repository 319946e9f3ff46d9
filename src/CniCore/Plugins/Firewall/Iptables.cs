using System.Net.Sockets;
using System.Text;
using CniCore.Linux.Nftables;
using CniCore.Linux.Processes;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// iptables of one family and one back end, where its filter table is in force, in the namespace of the calling thread. Its rules can be
/// written by its own programs only: what nft adds with a condition on connections makes iptables refuse to read the table. What stands there
/// is seen without them in the nft back end.
/// </summary>
internal sealed class Iptables
{
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];
    private static readonly ProcessLimits Limits = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2), 16 * 1024 * 1024, 64 * 1024);
    private readonly bool isLegacy;
    private readonly string name; // of the program, without its verb
    private readonly NftTable table;

    private Iptables(AddressFamily family, bool legacy)
    {
        Family = family;
        isLegacy = legacy;
        var isV4 = family == AddressFamily.InterNetwork;
        name = (isV4 ? "iptables" : "ip6tables") + (legacy ? "-legacy" : "-nft");
        table = NftTable.Parse(isV4 ? "ip filter" : "ip6 filter");
    }

    public AddressFamily Family { get; }

    /// <summary>Those whose filter table forwards by rules: none on a host without iptables, two of a family where both back ends are used.</summary>
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
        if (!Has(chain))
            return null;
        var exit = Run("", ["-w", "-S", chain], default);
        return exit.Status != 0 ? null : [.. Encoding.UTF8.GetString(exit.Output).Split('\n').Where(line => line.StartsWith("-A ", StringComparison.Ordinal))];
    }

    /// <summary>Whether there is such a chain.</summary>
    public bool Has(string chain)
    {
        if (isLegacy)
            return Run("", ["-w", "-S", chain, "1"], default).Status == 0;
        using var socket = NftSocket.Open();
        return socket.HasChain(table, chain);
    }

    /// <summary>How many rules of a chain name something: as the kernel has it, or in one of the ways iptables writes it.</summary>
    public int Mentions(string chain, byte[] inKernel, params string[] words)
    {
        if (isLegacy)
            return (Rules(chain) ?? []).Count(rule => words.Any(way => (rule + " ").Contains($" {way} ", StringComparison.Ordinal)));
        using var socket = NftSocket.Open();
        return socket.Rules(table, chain).Count(rule => rule.AsSpan().IndexOf(inKernel) >= 0);
    }

    // The file of the names is the namespace's; that of the process would be another thread's.
    private bool IsInForce()
    {
        if (!isLegacy)
            return Has("FORWARD");
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
