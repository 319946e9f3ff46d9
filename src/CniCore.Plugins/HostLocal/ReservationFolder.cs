namespace CniCore.Plugins.HostLocal;

/// <summary>
/// A network's reservations as the reference keeps them (host-local/backend/disk): a file an address. To be used under the lock. Nothing
/// is synced to disk: what a power cut can lose belongs to containers that it ended.
/// </summary>
internal sealed class ReservationFolder(string path)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public bool Has(AddressNumber address) => File.Exists(PathOf(address));

    /// <summary>Who holds the address; null where nobody does, and for a file that a crash left empty.</summary>
    public ReservationOwner? OwnerOf(AddressNumber address)
    {
        try
        {
            return File.ReadAllText(PathOf(address)) is { Length: > 0 } content ? ReservationOwner.Of(content) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes a reservation. When it fails there is none.</summary>
    public void Create(AddressNumber address, ReservationOwner owner)
    {
        using var file = Open(PathOf(address), FileMode.CreateNew);
        try
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(owner.Content));
        }
        catch (IOException)
        {
            Delete(address);
            throw;
        }
    }

    public void Delete(AddressNumber address) => File.Delete(PathOf(address));

    /// <summary>Where the next search of a range set starts; null where none is known.</summary>
    public AddressNumber? LastReserved(int set)
    {
        var file = LastReservedPath(set);
        return File.Exists(file) ? AddressNumber.OfText(File.ReadAllText(file)) : null;
    }

    public void SetLastReserved(int set, AddressNumber address)
    {
        using var file = Open(LastReservedPath(set), FileMode.Create);
        file.Write(System.Text.Encoding.UTF8.GetBytes(address.ToString()));
    }

    /// <summary>All addresses reserved, from the files' names alone.</summary>
    public IEnumerable<AddressNumber> Addresses() =>
        Directory.EnumerateFiles(path).Select(file => AddressNumber.OfText(Path.GetFileName(file))).OfType<AddressNumber>();

    /// <summary>The files a crash left between making and filling them: nobody's, since writers hold the lock.</summary>
    public IEnumerable<AddressNumber> Leftovers() => Addresses().Where(address => new FileInfo(PathOf(address)).Length == 0);

    private string PathOf(AddressNumber address) => Path.Combine(path, address.ToString());

    private string LastReservedPath(int set) => Path.Combine(path, $"last_reserved_ip.{set}");

    private static FileStream Open(string file, FileMode mode) =>
        new(file, new FileStreamOptions { Mode = mode, Access = FileAccess.Write, BufferSize = 0, Share = FileShare.ReadWrite,
            UnixCreateMode = Private });
}
