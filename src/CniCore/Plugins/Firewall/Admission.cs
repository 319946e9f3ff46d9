using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// The chain in iptables' FORWARD that lets the containers' packets past a policy of DROP, such as Docker's. Rules for a passage, not for
/// an attachment: what a hundred containers of a bridge send meets three. As the reference it stands first, asks the administrator's chain,
/// admits what comes from the containers and the answers; and what was published for them, which the reference leaves to others.
/// </summary>
internal static class Admission
{
    private const string Chain = "CNID-CNI";

    /// <summary>Admits passages where that is not done already.</summary>
    public static void Open(string adminChain, IReadOnlyList<Passage> passages)
    {
        foreach (var iptables in Iptables.InForce())
        {
            var chain = iptables.Text(Chain);
            var isReached = iptables.Text("FORWARD")?.Contains(Chain, StringComparison.Ordinal) == true;
            List<Passage> missing = [.. passages.Where(passage => passage.IsOf(iptables.Family) && (chain is null || !Admits(chain, passage)))];
            if (missing.Count == 0 && isReached)
                continue;
            // A line that names a chain empties it, so only where there is none.
            iptables.Restore(
            [
                .. chain is null ? (string[])[$":{Chain} - [0:0]"] : [],
                .. isReached ? (string[])[] : [$"-I FORWARD -j {Chain}"],
                .. iptables.Text(adminChain) is null ? (string[])[$":{adminChain} - [0:0]"] : [],
                .. missing.SelectMany(passage => RulesFor(passage, adminChain)),
            ]);
        }
    }

    /// <summary>Takes passages out, and the chains when they were the last; an administrator's with rules stays.</summary>
    public static void Close(IReadOnlyList<Passage> passages)
    {
        foreach (var iptables in Iptables.InForce())
        {
            if (passages.Any(passage => passage.IsOf(iptables.Family)) && iptables.Rules(Chain) is { } rules)
                Close(iptables, rules, passages);
        }
    }

    /// <summary>CHECK.</summary>
    /// <exception cref="CniPluginException">A passage is not admitted.</exception>
    public static void ThrowIfClosed(IReadOnlyList<Passage> passages)
    {
        foreach (var iptables in Iptables.InForce())
        {
            foreach (var passage in passages.Where(passage => passage.IsOf(iptables.Family)))
            {
                if (iptables.Text("FORWARD")?.Contains(Chain, StringComparison.Ordinal) != true || iptables.Text(Chain) is not { } chain || !Admits(chain, passage))
                    throw new CniPluginException(CniErrorCode.Internal, $"the firewall does not admit {passage.Key}: its rules are missing in iptables' chain {Chain}");
            }
        }
    }

    /// <summary>All passages that have rules.</summary>
    public static IReadOnlyList<Passage> Passages() => [.. Iptables.InForce()
        .SelectMany(iptables => iptables.Rules(Chain) ?? [])
        .Select(rule => rule.Split(' '))
        .Where(words => words.Length > 3)
        .Select(words => words[2] is "-i" or "-o" ? new Passage(words[3], null) : new Passage(null, System.Net.IPAddress.Parse(words[3].Split('/')[0])))
        .Distinct()];

    private static void Close(Iptables iptables, IReadOnlyList<string> rules, IReadOnlyList<Passage> passages)
    {
        List<string> gone = [.. rules.Where(rule => passages.Any(passage => Concerns(rule, passage)))];
        if (gone.Count == 0)
            return;
        var isEnd = gone.Count == rules.Count;
        List<string> admins = [.. gone.Where(rule => rule.Contains(" -j ", StringComparison.Ordinal)).Select(rule => rule.Split(' ')[^1]).Where(target => target != "ACCEPT").Distinct()];
        iptables.Restore(isEnd ? [.. Jumps(iptables), $"-F {Chain}", $"-X {Chain}"] : gone.Select(Deletion));
        foreach (var admin in admins)
        {
            if (iptables.Rules(admin) is { Count: 0 } && !rules.Except(gone).Any(rule => rule.EndsWith($" -j {admin}", StringComparison.Ordinal)))
                TryRemove(iptables, admin);
        }
    }

    private static IEnumerable<string> Jumps(Iptables iptables) =>
        (iptables.Rules("FORWARD") ?? []).Where(rule => rule.EndsWith($" -j {Chain}", StringComparison.Ordinal)).Select(Deletion);

    private static string Deletion(string rule) => "-D" + rule[2..];

    // Refused where another plugin's chain leads to it.
    private static void TryRemove(Iptables iptables, string chain)
    {
        try
        {
            iptables.Restore([$"-X {chain}"]);
        }
        catch (CniPluginException)
        {
        }
    }

    private static string[] RulesFor(Passage passage, string adminChain) =>
    [
        $"-A {Chain} {passage.From} -j {adminChain}",
        $"-A {Chain} {passage.To} -j {adminChain}",
        $"-A {Chain} {passage.To} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT",
        $"-A {Chain} {passage.From} -j ACCEPT",
    ];

    // In nft's words, or iptables'.
    private static bool Admits(string chain, Passage passage) => chain.Split('\n').Any(line =>
        line.Contains($" {passage.From} -j ACCEPT", StringComparison.Ordinal)
        || (line.EndsWith("accept", StringComparison.Ordinal) && line.Contains(passage.Interface is not null ? $"iifname {passage.Key} " : $"saddr {passage.Key} ", StringComparison.Ordinal)));

    private static bool Concerns(string rule, Passage passage) =>
        (rule + " ").Contains($" {passage.From} ", StringComparison.Ordinal) || (rule + " ").Contains($" {passage.To} ", StringComparison.Ordinal);
}
