using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Files;
using CniCore.Linux.Namespaces;

namespace CniCore.Plugins.Bridge;

/// <summary>
/// The records of the bridges in the calling thread's namespace, one file each. Under /run: a reboot takes the bridges along, and what cnid
/// changed on others.
/// </summary>
internal static class BridgeRecords
{
    private const string Folder = "/run/cnid/bridges";

    /// <summary>Held by who changes one. Not across a wait: it is a lock for threads and processes.</summary>
    public static IDisposable Lock() => FileLock.Take(Path.Combine(Folder, "lock"));

    /// <summary>The record of the bridge of that name; null where cnid has done nothing to it.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public static BridgeRecord? Find(string name)
    {
        try
        {
            return File.Exists(PathOf(name))
                ? JsonSerializer.Deserialize(File.ReadAllBytes(PathOf(name)), BridgeJson.Default.BridgeRecord)
                : null;
        }
        catch (JsonException)
        {
            return null; // somebody's hand; a bridge that is not known to be cnid's is left alone
        }
    }

    public static void Save(string name, BridgeRecord record) =>
        DurableFile.Write(PathOf(name), JsonSerializer.SerializeToUtf8Bytes(record, BridgeJson.Default.BridgeRecord));

    public static void Delete(string name) => DurableFile.Delete(PathOf(name));

    /// <summary>Deletes what a kill left of writing records, those of other namespaces too.</summary>
    public static void DeleteUnfinished()
    {
        if (!Directory.Exists(Folder))
            return;
        using var alone = Lock();
        foreach (var ofNamespace in Directory.EnumerateDirectories(Folder))
            DurableFile.DeleteUnfinishedIn(ofNamespace, DateTimeOffset.MaxValue);
    }

    private static string PathOf(string name) => Path.Combine(OwnFolder(), name + ".json");

    private static string OwnFolder()
    {
        using var here = NetworkNamespace.Current();
        return Path.Combine(Folder, $"{here.Identity.Inode}");
    }
}
