using System.Net.Sockets;
using System.Text;
using CniCore.Spec;

namespace CniCore.Plugins.Firewall;

/// <summary>
/// The chain in iptables' FORWARD that lets the containers' packets past a policy of DROP, such as Docker's. Rules for a passage, not for
/// an attachment: what a hundred containers of a bridge send meets four. As the reference's it stands first, asks the administrator's chain,
/// admits what comes from the containers and the answers; and what was published for them, which the reference leaves to others.
/// </summary>
internal static class Admission
{
    private const string Chain = "CNID-CNI";
    private const int RulesOfPassage = 4;

    /// <summary>Admits passages where that is not done already.</summary>
    /// <param name="adminChain">The administrator's chain.</param>
    /// <param name="passages">The passages.</param>
    /// <param name="families">The families the containers have addresses of.</param>
    public static void Open(string adminChain, IReadOnlyList<Passage> passages, IReadOnlySet<AddressFamily> families)
    {
        foreach (var iptables in Iptables.InForce().Where(one => families.Contains(one.Family)))
        {
            List<Passage> missing = [.. passages.Where(passage => passage.IsOf(iptables.Family) && !Admits(iptables, passage))];
            var isReached = IsReached(iptables);
            if (missing.Count == 0 && isReached)
                continue;
            // A line that names a chain empties it, so only where there is none.
            iptables.Restore(
            [
                .. iptables.Has(Chain) ? (string[])[] : [$":{Chain} - [0:0]"],
                .. isReached ? (string[])[] : [$"-I FORWARD -j {Chain}"],
                .. iptables.Has(adminChain) ? (string[])[] : [$":{adminChain} - [0:0]"],
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
    public static void ThrowIfClosed(IReadOnlyList<Passage> passages, IReadOnlySet<AddressFamily> families)
    {
        foreach (var iptables in Iptables.InForce().Where(one => families.Contains(one.Family)))
        {
            var isReached = IsReached(iptables);
            foreach (var passage in passages.Where(passage => passage.IsOf(iptables.Family) && !(isReached && Admits(iptables, passage))))
                throw new CniPluginException(CniErrorCode.Internal, $"the firewall does not admit {passage.Key}: its rules are missing in iptables' chain {Chain}");
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
        List<string> admins = [.. gone.Select(rule => rule.Split(' ')[^1]).Where(target => target != "ACCEPT").Distinct()];
        admins.RemoveAll(admin => iptables.Rules(admin) is not { Count: 0 } || rules.Except(gone).Any(rule => rule.EndsWith($" -j {admin}", StringComparison.Ordinal)));
        List<string> lines = gone.Count == rules.Count ? [.. Jumps(iptables), $"-F {Chain}", $"-X {Chain}"] : [.. gone.Select(Deletion)];
        try
        {
            iptables.Restore([.. lines, .. admins.Select(admin => $"-X {admin}")]);
        }
        catch (CniPluginException) when (admins.Count > 0)
        {
            iptables.Restore(lines); // the administrator's is asked by another plugin's chain, and stays
        }
    }

    private static IEnumerable<string> Jumps(Iptables iptables) =>
        (iptables.Rules("FORWARD") ?? []).Where(rule => rule.EndsWith($" -j {Chain}", StringComparison.Ordinal)).Select(Deletion);

    private static string Deletion(string rule) => "-D" + rule[2..];

    private static string[] RulesFor(Passage passage, string adminChain) =>
    [
        $"-A {Chain} {passage.From} -j {adminChain}",
        $"-A {Chain} {passage.To} -j {adminChain}",
        $"-A {Chain} {passage.To} -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -j ACCEPT",
        $"-A {Chain} {passage.From} -j ACCEPT",
    ];

    private static bool IsReached(Iptables iptables) => iptables.Mentions("FORWARD", Encoding.ASCII.GetBytes(Chain + "\0"), $"-j {Chain}") > 0;

    private static bool Admits(Iptables iptables, Passage passage) => iptables.Mentions(Chain, passage.InKernel, passage.From, passage.To) >= RulesOfPassage;

    private static bool Concerns(string rule, Passage passage) =>
        (rule + " ").Contains($" {passage.From} ", StringComparison.Ordinal) || (rule + " ").Contains($" {passage.To} ", StringComparison.Ordinal);
}
