namespace CniCore.Plugins.HostLocal;

/// <summary>
/// What we know of our own reservations beyond the reference's files: which are an owner's, without reading all, and of which boot. A
/// file an owner: the boot id, then an address a line. It lies outside the network's folder, as the reference reads every file in there
/// and below; a network's name cannot start with a dot, so it is no network's. The reference may delete and take what an entry names:
/// only the reservation's own file says whose it is.
/// </summary>
internal sealed class ReservationIndex(string path)
{
    private const string BootIdFile = "/proc/sys/kernel/random/boot_id";
    private const string ReclaimedFile = "reclaimed";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string boot = File.ReadAllText(BootIdFile).Trim();

    /// <summary>Whether what earlier boots left has been dropped in this one. More cannot come.</summary>
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

    /// <summary>Deletes all but these.</summary>
    public void Keep(IReadOnlySet<string> keys)
    {
        foreach (var key in Keys().Where(key => !keys.Contains(key)).ToList())
            File.Delete(PathOf(key));
        DropIdleMark();
    }

    /// <summary>Marks that. Without entries there is nothing to look through, and no mark.</summary>
    public void SetReclaimed()
    {
        if (Keys().Any())
            Write(ReclaimedFile, [boot]);
    }

    /// <summary>The owners' keys.</summary>
    public IEnumerable<string> Keys() =>
        Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)).Where(name => name != ReclaimedFile);

    /// <summary>An entry that a crash cut short is of no boot and has fewer addresses.</summary>
    public IndexEntry? Find(string key) =>
        Lines(key) is { } lines
            ? new(lines.FirstOrDefault() ?? "", [.. lines.Skip(1).Select(AddressNumber.OfText).OfType<AddressNumber>()])
            : null;

    // It goes with the last entry: a network without attachments leaves nothing.
    private void DropIdleMark()
    {
        if (File.Exists(PathOf(ReclaimedFile)) && !Keys().Any())
            File.Delete(PathOf(ReclaimedFile));
    }

    private string[]? Lines(string name) => File.Exists(PathOf(name)) ? File.ReadAllLines(PathOf(name)) : null;

    private void Write(string name, IEnumerable<string> lines)
    {
        using var file = new FileStream(PathOf(name),
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = Private });
        file.Write(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines)));
    }

    private string PathOf(string name) => Path.Combine(path, name);
}
