using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Spec;

namespace CniCore.Plugins.Tuning;

/// <summary>The sysctls of a call, by their path below <c>/proc/sys</c>.</summary>
internal sealed class TuningSysctls
{
    private const string Root = "/proc/sys/";
    private readonly Dictionary<string, string> values;
    private readonly Dictionary<string, string> before = new(StringComparer.Ordinal);

    /// <summary>Reads the keys: <c>.</c> separates, <c>IFNAME</c> stands for the interface.</summary>
    /// <exception cref="CniPluginException">A key is not below <c>net</c>.</exception>
    public TuningSysctls(IReadOnlyDictionary<string, string> sysctls, string ifName) =>
        values = sysctls.ToDictionary(sysctl => PathOf(sysctl.Key, ifName), sysctl => sysctl.Value, StringComparer.Ordinal);

    /// <summary>Writes them in the namespace. If one is refused, those before it are restored.</summary>
    /// <exception cref="CniPluginException">The sysctl does not exist, or the kernel refuses the value.</exception>
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

    /// <summary>Restores the values from before.</summary>
    public void Undo(NetworkNamespace netns) => netns.Inside(WriteBack);

    /// <exception cref="CniPluginException">A value differs.</exception>
    public void Check(NetworkNamespace netns) => netns.Inside(() =>
    {
        foreach (var (key, value) in values)
        {
            if (Sysctl.IsWriteOnly(key))
                continue; // write-only: it has no value to compare
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
                // The error of the write is thrown.
            }
        }
    }

    // The kernel shows tabs where spaces were written.
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
