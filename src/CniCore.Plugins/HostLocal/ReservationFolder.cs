using CniCore.Linux.Files;

namespace CniCore.Plugins.HostLocal;

/// <summary>
/// A network's reservations in the reference's form (host-local/backend/disk): one file for each address. Use it under the lock. Nothing is
/// synced to disk: a power cut also ends the containers.
/// </summary>
internal sealed class ReservationFolder(string path)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public bool Has(AddressNumber address) => File.Exists(PathOf(address));

    /// <summary>The owner of the address; null for none, and for a file that a crash left empty.</summary>
    public ReservationOwner? OwnerOf(AddressNumber address)
    {
        try
        {
            return RegularFile.ReadAllText(PathOf(address)) is { Length: > 0 } content ? ReservationOwner.Of(content) : null;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Creates a reservation. If it fails, there is none.</summary>
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

    /// <summary>The address after which the next search of a range set starts; null if unknown.</summary>
    public AddressNumber? LastReserved(int set)
    {
        var file = LastReservedPath(set);
        return File.Exists(file) ? AddressNumber.OfText(RegularFile.ReadAllText(file)) : null;
    }

    public void SetLastReserved(int set, AddressNumber address)
    {
        using var file = Open(LastReservedPath(set), FileMode.Create);
        file.Write(System.Text.Encoding.UTF8.GetBytes(address.ToString()));
    }

    /// <summary>All reserved addresses, from the names of the files.</summary>
    public IEnumerable<AddressNumber> Addresses() =>
        Directory.EnumerateFiles(path).Select(file => AddressNumber.OfText(Path.GetFileName(file))).OfType<AddressNumber>();

    /// <summary>The empty files that a crash left. Nobody owns them, since writers hold the lock.</summary>
    public IEnumerable<AddressNumber> Leftovers() => Addresses().Where(IsLeftover);

    /// <summary>Whether the address has such a file.</summary>
    public bool IsLeftover(AddressNumber address) => new FileInfo(PathOf(address)) is { Exists: true, Length: 0 };

    private string PathOf(AddressNumber address) => Path.Combine(path, address.ToString());

    private string LastReservedPath(int set) => Path.Combine(path, $"last_reserved_ip.{set}");

    private static FileStream Open(string file, FileMode mode) =>
        new(file, new FileStreamOptions
        {
            Mode = mode, Access = FileAccess.Write, BufferSize = 0, Share = FileShare.ReadWrite,
            UnixCreateMode = Private
        });
}
