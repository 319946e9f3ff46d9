namespace EndToEnd.Host;

/// <summary>Everything an attachment could leave on the lab's host, as text that can be compared.</summary>
public static class Inventory
{
    // Made once for the host and never removed by the reference plugins: empty chains and the jumps to them, no rule for anyone.
    private static readonly string[] Scaffolding =
        ["CNI-FORWARD", "CNI-ADMIN", "CNI-HOSTPORT-DNAT", "CNI-HOSTPORT-SETMARK", "CNI-HOSTPORT-MASQ"];

    private const string Command = """
        echo links; ip -o link | awk -F': ' '{print $2}' | sort
        echo namespaces; awk '/ nsfs / && !/netns.default / {print $5}' /proc/self/mountinfo | sort;
        find /run/cnid/netns -type f 2>/dev/null
        echo state; find /var/lib/cnid -type f; find /var/lib/cni/networks -type f 2>/dev/null |
            grep -vE '/(lock|last_reserved_ip\.[0-9]+)$'
        echo rules; iptables-save | grep '^-A'; ip6tables-save | grep '^-A'; nft list tables inet; nft list tables bridge
        echo policies; iptables -S FORWARD | head -1; ip6tables -S FORWARD | head -1
        echo sockets; ss -Hlnaptu 2>/dev/null | grep -c '"cnid"'
        """;

    public static async Task<string> TakeAsync(Lab lab)
    {
        var text = (await lab.RunAsync(Command)).Output;
        return string.Join('\n', text.Split('\n').Where(line => !IsScaffolding(line)));
    }

    /// <summary>What is more (+) and what is missing (-), a line each; null where both are the same.</summary>
    public static string? Differences(string wanted, string found) => wanted == found ? null :
        string.Join('\n', found.Split('\n').Except(wanted.Split('\n')).Select(line => "+ " + line)
        .Concat(wanted.Split('\n').Except(found.Split('\n')).Select(line => "- " + line)));

    private static bool IsScaffolding(string line) =>
        Scaffolding.Any(chain =>
            line.StartsWith($"-A {chain} ", StringComparison.Ordinal) || line.EndsWith($"-j {chain}", StringComparison.Ordinal))
        && !line.Contains("CNI-DN-", StringComparison.Ordinal)
        && !line.Contains("-o cni-", StringComparison.Ordinal)
        && !line.Contains(" -s ", StringComparison.Ordinal)
        && !line.Contains(" -d ", StringComparison.Ordinal);
}
