using System.Text.Json;
using CniCore.Linux;
using CniCore.Linux.Files;
using CniCore.Linux.Netlink;

namespace CniCore.Plugins.Bridge;

/// <summary>The records of a host's bridges, one file each. In /run, since a reboot removes the bridges and the changes.</summary>
internal sealed class BridgeRecords(HostNetwork host)
{
    private const string Folder = "/run/cnid/bridges";

    /// <summary>Hold it to change a record. Not across an await: the lock is for threads and processes.</summary>
    public static IDisposable Lock() => FileLock.Take(Path.Combine(Folder, "lock"));

    /// <summary>The record of the bridge of that name; null if cnid has done nothing to it.</summary>
    /// <exception cref="LinuxException">It cannot be read.</exception>
    public BridgeRecord? Find(string name)
    {
        try
        {
            return File.Exists(PathOf(name))
                ? JsonSerializer.Deserialize(RegularFile.ReadAllBytes(PathOf(name)), BridgeJson.Default.BridgeRecord)
                : null;
        }
        catch (JsonException)
        {
            return null; // edited by hand; a bridge that is not known to be cnid's is left alone
        }
    }

    public void Save(string name, BridgeRecord record) =>
        DurableFile.Write(PathOf(name), JsonSerializer.SerializeToUtf8Bytes(record, BridgeJson.Default.BridgeRecord));

    public void Delete(string name) => DurableFile.Delete(PathOf(name));

    /// <summary>Deletes unfinished files that a kill left, those of other namespaces too.</summary>
    public static void DeleteUnfinished()
    {
        if (!Directory.Exists(Folder))
            return;
        using var alone = Lock();
        foreach (var ofNamespace in Directory.EnumerateDirectories(Folder))
            DurableFile.DeleteUnfinishedIn(ofNamespace);
    }

    /// <summary>Deletes records of bridges that are gone: somebody else has removed them, such as cnid 0.1, which has no records.</summary>
    public void DeleteGone(RouteSocket routes)
    {
        if (!Directory.Exists(FolderOfHost))
            return;
        using var alone = Lock();
        foreach (var name in Directory.EnumerateFiles(FolderOfHost, "*.json").Select(Path.GetFileNameWithoutExtension).OfType<string>())
        {
            if (Find(name) is { } record && !(routes.FindLink(name) is { } bridge && record.Describes(bridge)))
                Delete(name);
        }
    }

    /// <summary>Whether cnid created it.</summary>
    public bool IsOwn(Link bridge) => Find(bridge.Name) is { Made: true } record && record.Describes(bridge);

    private string FolderOfHost => Path.Combine(Folder, $"{host.Identity.Inode}");

    private string PathOf(string name) => Path.Combine(FolderOfHost, name + ".json");
}
