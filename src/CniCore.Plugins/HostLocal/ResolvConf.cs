using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>Reads resolv.conf(5) as the <c>dns</c> of a result.</summary>
internal static class ResolvConf
{
    public static CniDns Read(string path)
    {
        string? domain = null;
        List<string> servers = [], search = [], options = [];
        foreach (var line in RegularFile.ReadAllLines(path).Select(line => line.Trim()).Where(line => line is not ['#' or ';', ..]))
        {
            if (line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is not [var key, var first, .. var more])
                continue;
            switch (key)
            {
                case "nameserver":
                    servers.Add(first);
                    break;
                case "domain":
                    domain = first;
                    break;
                case "search":
                    search.AddRange([first, .. more]);
                    break;
                case "options":
                    options.AddRange([first, .. more]);
                    break;
            }
        }
        return new() { NameServers = OrNull(servers), Domain = domain, Search = OrNull(search), Options = OrNull(options) };
    }

    private static List<string>? OrNull(List<string> list) => list.Count > 0 ? list : null;
}
