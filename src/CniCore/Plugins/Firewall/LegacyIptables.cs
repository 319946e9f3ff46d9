using System.Net;
using System.Net.Sockets;
using System.Text;
using CniCore.Linux.Nftables;
using CniCore.Linux.Processes;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>iptables over x_tables, through its own programs: each change replaces the whole table in the kernel, and they know how.</summary>
internal sealed class LegacyIptables(AddressFamily family) : Iptables(family)
{
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];
    private static readonly ProcessLimits Limits = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2), 16 * 1024 * 1024, 64 * 1024);
    private readonly string name = family == AddressFamily.InterNetwork ? "iptables-legacy" : "ip6tables-legacy";

    public override bool Has(string chain) => Run("", ["-w", "-S", chain, "1"], default).Status == 0;

    public override IReadOnlyList<FilterRule> Rules(string chain)
    {
        var exit = Run("", ["-w", "-S", chain], default);
        return exit.Status != 0 ? [] : [.. Encoding.UTF8.GetString(exit.Output).Split('\n').Where(line => line.StartsWith("-A ", StringComparison.Ordinal)).Select(Read)];
    }

    public override void Change(IReadOnlyList<FilterChange> changes)
    {
        var text = $"*filter\n{string.Concat(changes.SelectMany(Lines).Select(line => line + "\n"))}COMMIT\n";
        var exit = Run("-restore", ["--noflush", "-w"], Encoding.UTF8.GetBytes(text));
        if (exit.Status != 0)
            throw Refused(name, Encoding.UTF8.GetString(exit.Errors).Trim());
    }

    // The file of the names is the namespace's; that of the process would be another thread's.
    protected override bool IsInForce()
    {
        var names = $"/proc/thread-self/net/{(Family == AddressFamily.InterNetwork ? "ip" : "ip6")}_tables_names";
        return File.Exists(names) && File.ReadLines(names).Contains("filter");
    }

    private IEnumerable<string> Lines(FilterChange change) => change.Kind switch
    {
        FilterChangeKind.MakeChain => Has(change.Chain) ? [] : [$":{change.Chain} - [0:0]"], // the line empties one that is there
        FilterChangeKind.RemoveChain => [$"-F {change.Chain}", $"-X {change.Chain}"],
        FilterChangeKind.InsertRule => [$"-I {change.Chain} {change.Rule!.Text}"],
        FilterChangeKind.AppendRule => [$"-A {change.Chain} {change.Rule!.Text}"],
        _ => [$"-D {change.Chain} {change.Rule!.Text}"],
    };

    private static FilterRule Read(string line)
    {
        var words = line.Split(' ');
        FilterMatch? match = words is [_, _, "-i" or "-o", var link, ..] ? new(words[2] == "-i", link, null)
            : words is [_, _, "-s" or "-d", var host, ..] && IPAddress.TryParse(host.Split('/')[0], out var address) ? new(words[2] == "-s", null, address)
            : null;
        var rule = new FilterRule(words[1], words[^2] == "-j" ? words[^1] : "") { Match = match, IsAnswersOnly = line.Contains(" --ctstate ", StringComparison.Ordinal) };
        return rule with { IsForeign = $"-A {rule.Chain} {rule.Text}" != line };
    }

    private ProcessExit Run(string verb, IEnumerable<string> arguments, ReadOnlyMemory<byte> input)
    {
        var program = name + verb;
        var path = Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists)
            ?? throw new CniPluginException(CniErrorCode.NotAvailable, $"iptables has rules here that the containers' packets must pass, and there is no {program} to add to them: install iptables");
        return ProcessRunner.Run(path, arguments, [$"PATH={string.Join(':', Folders)}"], input, Limits, TimeProvider.System, CancellationToken.None);
    }
}
