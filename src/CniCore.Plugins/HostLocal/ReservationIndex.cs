using CniCore.Linux.Files;

namespace CniCore.Plugins.HostLocal;

/// <summary>
/// An index of our own reservations by owner and boot, which saves reading all of the reference's files. One file for each owner: the boot
/// id, then one address in each line. It lies outside the network's folder, since the reference reads every file below that; its name
/// starts with a dot, so it is no network's. The reference may delete or reuse a reservation: only the reservation's own file says who owns
/// it.
/// </summary>
internal sealed class ReservationIndex(string path)
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private const string ReclaimedFile = "reclaimed";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string boot = RegularFile.ReadAllText(BootIdFile).Trim();

    /// <summary>Whether entries of earlier boots have been removed in this boot. There can be no more.</summary>
    public bool IsReclaimed => Lines(ReclaimedFile) is [var done, ..] && done == boot;

    public IndexEntry? Find(ReservationOwner owner) => Find(owner.Key);

    public bool IsOfThisBoot(IndexEntry entry) => entry.Boot == boot;

    public void Write(ReservationOwner owner, IEnumerable<AddressNumber> addresses) =>
        Write(owner.Key, [boot, .. addresses.Select(address => address.ToString())]);

    public void Delete(string key)
    {
        File.Delete(PathOf(key));
        DropIdleMark();
    }

    /// <summary>Deletes all entries but these.</summary>
    public void Keep(IReadOnlySet<string> keys)
    {
        foreach (var key in Keys().Where(key => !keys.Contains(key)).ToList())
            File.Delete(PathOf(key));
        DropIdleMark();
    }

    /// <summary>Records that. Without entries there is nothing to remove, and no record.</summary>
    public void SetReclaimed()
    {
        if (Keys().Any())
            Write(ReclaimedFile, [boot]);
    }

    /// <summary>The keys of the owners.</summary>
    public IEnumerable<string> Keys() =>
        Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)).Where(name => name != ReclaimedFile);

    /// <summary>Reads an entry. One that a crash truncated has no boot id or fewer addresses.</summary>
    public IndexEntry? Find(string key) =>
        Lines(key) is { } lines
            ? new(lines.FirstOrDefault() ?? "", [.. lines.Skip(1).Select(AddressNumber.OfText).OfType<AddressNumber>()])
            : null;

    // The record is removed with the last entry: a network without attachments leaves nothing.
    private void DropIdleMark()
    {
        if (File.Exists(PathOf(ReclaimedFile)) && !Keys().Any())
            File.Delete(PathOf(ReclaimedFile));
    }

    private string[]? Lines(string name) => File.Exists(PathOf(name)) ? RegularFile.ReadAllLines(PathOf(name)) : null;

    private void Write(string name, IEnumerable<string> lines)
    {
        using var file = new FileStream(PathOf(name),
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = Private });
        file.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    private string PathOf(string name) => Path.Combine(path, name);
}
