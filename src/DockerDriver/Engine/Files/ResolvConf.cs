using CniCore.Spec;

namespace DockerDriver.Engine.Files;

/// <summary>A container's resolv.conf with the <c>dns</c> of its networks in place of the host's (resolv.conf(5)).</summary>
internal static class ResolvConf
{
    public const string NameServer = "nameserver";
    public const string Search = "search";
    public const string Options = "options";
    private const string Domain = "domain";

    /// <param name="text">The current content.</param>
    /// <param name="dns">The <c>dns</c> of the results, in order.</param>
    /// <param name="own">The keywords that the container's user set: they stay.</param>
    public static string Merge(string text, IReadOnlyList<CniDns> dns, IReadOnlyList<string> own)
    {
        var servers = Distinct(dns.SelectMany(answer => answer.NameServers ?? []), NameServer);
        var search = Distinct(dns.SelectMany(answer => answer.Search ?? []).Concat(dns.Select(answer => answer.Domain).OfType<string>()),
            Search);
        var options = Distinct(dns.SelectMany(answer => answer.Options ?? []), Options);
        if (servers.Length + search.Length + options.Length == 0)
            return text;
        List<string> replaced = [];
        if (servers.Length > 0)
            replaced.Add(NameServer);
        if (search.Length > 0)
            replaced.AddRange([Search, Domain]);
        if (options.Length > 0)
            replaced.Add(Options);
        List<string> lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => !replaced.Contains(line.Split(' ', '\t')[0]))];
        if (search.Length > 0)
            lines.Add($"{Search} {string.Join(' ', search)}");
        lines.AddRange(servers.Select(server => $"{NameServer} {server}"));
        if (options.Length > 0)
            lines.Add($"{Options} {string.Join(' ', options)}");
        return string.Join('\n', lines) + "\n";

        string[] Distinct(IEnumerable<string> values, string keyword) =>
            own.Contains(keyword) ? [] : [.. values.Where(value => value.Length > 0).Distinct()];
    }
}
