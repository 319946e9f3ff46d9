using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Spec;

namespace CniCore.Plugins.Tuning;

/// <summary>The sysctls of one call, by their path under <c>/proc/sys</c>.</summary>
internal sealed class TuningSysctls
{
    private const string Root = "/proc/sys/";
    private readonly Dictionary<string, string> values;
    private readonly Dictionary<string, string> before = new(StringComparer.Ordinal);

    /// <summary>Reads the keys: <c>.</c> separates, <c>IFNAME</c> is the interface.</summary>
    /// <exception cref="CniPluginException">One is not the network's.</exception>
    public TuningSysctls(IReadOnlyDictionary<string, string> sysctls, string ifName) =>
        values = sysctls.ToDictionary(sysctl => PathOf(sysctl.Key, ifName), sysctl => sysctl.Value, StringComparer.Ordinal);

    /// <summary>Writes them in the namespace; when one is refused, those before it are set back.</summary>
    /// <exception cref="CniPluginException">The kernel has none of the name, or refuses the value.</exception>
    public void Apply(NetworkNamespace netns) => netns.Inside(() =>
    {
        foreach (var (key, value) in values)
        {
            try
            {
                var old = Sysctl.Read(key);
                Sysctl.Write(key, value);
                if (old is not null)
                    before[key] = old;
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                WriteBack();
                throw new CniPluginException(CniErrorCode.Internal, $"sysctl {key} cannot be set to \"{value}\"", fault.Message, fault);
            }
        }
    });

    /// <summary>Sets back what was written.</summary>
    public void Undo(NetworkNamespace netns) => netns.Inside(WriteBack);

    /// <exception cref="CniPluginException">One has another value.</exception>
    public void Check(NetworkNamespace netns) => netns.Inside(() =>
    {
        foreach (var (key, value) in values)
        {
            if (Sysctl.IsWriteOnly(key))
                continue; // it did what it does, and nothing of it stays to be seen
            var current = Sysctl.Read(key);
            if (current is null || !Words(current).SequenceEqual(Words(value)))
                throw new CniPluginException(CniErrorCode.Internal,
                    $"Error: Tuning configured value of {Root}{key} is {value}, current value is {current ?? "none"}");
        }
    });

    private void WriteBack()
    {
        foreach (var (key, value) in before)
        {
            try
            {
                Sysctl.Write(key, value);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                // What made us set back is the fault that is told.
            }
        }
    }

    // The kernel separates with tabs what was written with blanks.
    private static string[] Words(string value) => value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static string PathOf(string key, string ifName)
    {
        var path = key.Replace('.', '/');
        var at = path.IndexOf("IFNAME", StringComparison.Ordinal);
        if (at >= 0)
            path = path[..at] + ifName + path[(at + "IFNAME".Length)..];
        var whole = Path.GetFullPath(Root + path);
        return whole.StartsWith(Root + "net/", StringComparison.Ordinal)
            ? whole[Root.Length..]
            : throw new CniPluginException(CniErrorCode.InvalidConfig, $"invalid net sysctl key: \"{path}\"");
    }
}
