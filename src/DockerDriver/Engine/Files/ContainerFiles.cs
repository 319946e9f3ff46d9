using System.Text;
using CniCore.Linux.Files;
using CniCore.Spec;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Engine.Files;

/// <summary>
/// Docker's resolv.conf and hosts of a container, which are mounted in it. They are written in place, as in cri-dockerd
/// (core/sandbox_run.go), since a replaced file would not be the mounted one. Docker rewrites both at each start. The container can write
/// them too: anything but a short text file is left alone.
/// </summary>
internal static class ContainerFiles
{
    private const string Mark = "\t# cnid";
    private const int Limit = 64 * 1024;

    // HOST_NAME_MAX is 64; Docker writes nothing longer.
    private const int HostNameLimit = 256;

    /// <summary>Idempotent.</summary>
    /// <returns>The files that were left alone, each with the reason.</returns>
    public static IReadOnlyList<string> Write(StoredContainer container, IReadOnlyList<CniResult> results)
    {
        var faults = new List<string>();
        var dns = results.Select(result => result.Dns).OfType<CniDns>().ToList();
        Rewrite(Path.Combine(container.Folder, "resolv.conf"), text => ResolvConf.Merge(text, dns, container.UserDns), faults);

        var name = HostName(container);
        var lines = results.SelectMany(result => result.Ips).Select(ip => $"{ip.Address.Address}\t{name}{Mark}\n");
        Rewrite(Path.Combine(container.Folder, "hosts"), text =>
            string.Concat([.. OthersLines(text).Select(line => line + "\n"), .. lines]), faults);
        return faults;
    }

    private static IEnumerable<string> OthersLines(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.EndsWith(Mark, StringComparison.Ordinal));

    private static string HostName(StoredContainer container)
    {
        try
        {
            var name = Encoding.UTF8.GetString(ForeignFile.ReadAllBytes(Path.Combine(container.Folder, "hostname"), HostNameLimit)).Trim();
            if (name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '#'))
                return name;
        }
        catch (IOException)
        {
            // Docker created none, or the container replaced it.
        }
        return ShortId.Of(container.Id);
    }

    private static void Rewrite(string path, Func<string, string> change, List<string> faults)
    {
        try
        {
            using var file = ForeignFile.Open(path, Limit, writable: true);
            var before = Encoding.UTF8.GetString(file.Content.Span);
            var after = change(before);
            if (after != before)
                file.Replace(Encoding.UTF8.GetBytes(after));
        }
        catch (FileNotFoundException)
        {
            // the engine created none for this container
        }
        catch (IOException fault)
        {
            faults.Add(fault.Message);
        }
    }
}
