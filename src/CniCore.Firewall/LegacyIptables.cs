using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using CniCore.Linux;
using CniCore.Linux.Files;
using CniCore.Linux.Nftables;
using CniCore.Linux.Processes;
using CniCore.Spec;

namespace CniCore.Firewall;

/// <summary>
/// iptables with x_tables, through its programs: every change replaces the whole table in the kernel, in a format that they know.
/// </summary>
internal sealed partial class LegacyIptables(HostNetwork host, AddressFamily family) : Iptables(family)
{
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];
    private static readonly ProcessLimits Limits = new(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(2), 16 * 1024 * 1024, 64 * 1024);

    // The output for the whole table, cached until the next change: a process for each chain would be too slow.
    private Dictionary<string, List<FilterRule>>? chains;

    public override string Name => Family == AddressFamily.InterNetwork ? "iptables-legacy" : "ip6tables-legacy";

    public override bool Has(string chain) => Chains().ContainsKey(chain);

    /// <summary>Whether this back end is in use in either family.</summary>
    public static bool IsUsed(HostNetwork host) =>
        new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 }.Any(family => new LegacyIptables(host, family).IsInForce());

    protected override IReadOnlyList<FilterRule> Read(string chain) => Chains().GetValueOrDefault(chain) ?? [];

    protected override void Write(IReadOnlyList<FilterChange> changes)
    {
        var text = $"*filter\n{string.Concat(changes.SelectMany(Lines).Select(line => line + "\n"))}COMMIT\n";
        chains = null;
        var exit = Run("-restore", ["--noflush", "-w"], Encoding.UTF8.GetBytes(text));
        if (exit.Status != 0)
            throw Refused(Name, Encoding.UTF8.GetString(exit.Errors).Trim());
    }

    // /proc/thread-self is the network namespace of this thread; /proc/self is that of the process's first thread.
    protected override bool IsInForce()
    {
        var names = $"/proc/thread-self/net/{(Family == AddressFamily.InterNetwork ? "ip" : "ip6")}_tables_names";
        try
        {
            return host.Inside(() => File.Exists(names) && RegularFile.ReadAllLines(names).Contains("filter"));
        }
        catch (UnauthorizedAccessException)
        {
            // A network namespace that was made together with its user namespace (rootless Docker): the kernel gives the file to nobody
            // there (xt_proto_init). iptables over nf_tables, the default, does not depend on it.
            return false;
        }
    }

    private IEnumerable<string> Lines(FilterChange change) => change.Kind switch
    {
        FilterChangeKind.MakeChain => Has(change.Chain) ? [] : [$":{change.Chain} - [0:0]"], // this line also empties an existing chain
        FilterChangeKind.RemoveChain => [$"-F {change.Chain}", change.Text],
        _ => [(change.Rule is { } rule ? change with { Rule = Quoted(rule) } : change).Text],
    };

    // iptables-restore would take a quote in an interface's name as the start of a quoted word, up to the end of the transaction.
    private static FilterRule Quoted(FilterRule rule) => rule with { Match = Quoted(rule.Match), Also = Quoted(rule.Also) };

    private static FilterMatch? Quoted(FilterMatch? match) => match is { Interface: { } name } named && name.AsSpan().ContainsAny("\"'\\")
        ? named with
        {
            Interface = $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
        }
        : match;

    private Dictionary<string, List<FilterRule>> Chains()
    {
        if (chains is not null)
            return chains;
        var exit = Run("", ["-w", "-S"], default);
        var read = new Dictionary<string, List<FilterRule>>(StringComparer.Ordinal);
        foreach (var line in exit.Status != 0 ? [] : Encoding.UTF8.GetString(exit.Output).Split('\n'))
        {
            switch (line.Split(' '))
            {
                case ["-P" or "-N", var chain, ..]: read[chain] = []; break;
                case ["-A", var chain, ..] when read.TryGetValue(chain, out var rules): rules.Add(Parse(line)); break;
            }
        }
        return chains = read;
    }

    internal static FilterRule Parse(string line)
    {
        var words = Comment().Replace(line, " ").Split(' ');
        var at = Array.FindIndex(words, word => word is "-j" or "-g");
        var (match, next) = ReadMatch(words, 2);
        var (also, end) = match is null ? (null, next) : ReadMatch(words, next);
        var rule = new FilterRule(words[1], at > 0 && at + 1 < words.Length ? words[at + 1] : "")
        {
            Match = match,
            Also = also,
            IsAnswersOnly = line.Contains(" --ctstate RELATED,ESTABLISHED,DNAT ", StringComparison.Ordinal),
        };
        return rule with { IsForeign = $"-A {rule.Chain} {rule.Text}" != line, IsConditional = at != (rule.IsAnswersOnly ? end + 4 : end) };
    }

    private static (FilterMatch? Match, int Next) ReadMatch(string[] words, int at)
    {
        if (words.Length <= at + 1)
            return (null, at);
        var (option, value) = (words[at], words[at + 1]);
        if (option is "-i" or "-o" && !value.EndsWith('+'))
            return (new(option == "-i", value, null), at + 2);
        return option is "-s" or "-d" && value.Split('/') is [var host, "32" or "128"] && AddressText.TryParse(host, out var address)
            ? (new(option == "-s", null, address), at + 2)
            : (null, at);
    }

    [GeneratedRegex(" -m comment --comment (\"[^\"]*\"|\\S+) ")]
    private static partial Regex Comment();

    private ProcessExit Run(string verb, IEnumerable<string> arguments, ReadOnlyMemory<byte> input)
    {
        var program = Name + verb;
        var path = Folders.Select(folder => Path.Combine(folder, program)).FirstOrDefault(RegularFile.IsAt)
            ?? throw new CniPluginException(CniErrorCode.NotAvailable, "iptables has rules here that the containers' packets must pass, "
                + $"and there is no {program} to add to them: install iptables");
        return host.Inside(() => ProcessRunner.Run(path, arguments, [$"PATH={string.Join(':', Folders)}"], input, Limits,
            TimeProvider.System, CancellationToken.None));
    }
}
