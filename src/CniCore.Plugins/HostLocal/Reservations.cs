using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>
/// A network's reservations, under the lock of the reference. The cost of an address does not depend on the number of reservations.
/// </summary>
internal sealed class Reservations : IDisposable
{
    private const string DefaultDataDir = "/var/lib/cni/networks";
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Public =
        OwnerAll | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // If more neighbours than this are taken, listing the folder is cheaper than asking for each.
    private const int Probes = 64;

    private readonly FileLock held;
    private readonly ReservationFolder folder;
    private readonly ReservationIndex index;

    private Reservations(FileLock held, ReservationFolder folder, ReservationIndex index) =>
        (this.held, this.folder, this.index) = (held, folder, index);

    public static async Task<Reservations> OpenAsync(string? dataDir, string network, CancellationToken cancel)
    {
        if (!Identifier.IsValid(network))
            throw new CniPluginException(CniErrorCode.InvalidConfig, "invalid characters found in network name", Identifier.Quote(network));
        var root = string.IsNullOrEmpty(dataDir) ? DefaultDataDir : dataDir;
        var (files, entries) = (Path.Combine(root, network), Path.Combine(root, ".cnid", network));
        Directory.CreateDirectory(files, Public);
        Directory.CreateDirectory(entries, OwnerAll);
        return new(await FileLock.TakeAsync(Path.Combine(files, "lock"), shared: false, cancel), new(files), new(entries));
    }

    public void Dispose() => held.Dispose();

    /// <summary>The owner's addresses of this boot. Those of earlier boots are removed, since the container has ended.</summary>
    public IReadOnlyList<AddressNumber> Current(ReservationOwner owner)
    {
        if (index.Find(owner) is not { } entry)
            return [];
        if (index.IsOfThisBoot(entry))
            return Owned(owner, entry);
        Drop(owner.Key, entry);
        return [];
    }

    /// <summary>
    /// All addresses of an owner. If the index does not account for something, it may be the reference's, and every file is read, as the
    /// reference does.
    /// </summary>
    public IReadOnlyList<AddressNumber> Of(ReservationOwner owner)
    {
        if (index.Find(owner) is { Addresses.Count: > 0 } entry && Owned(owner, entry) is var owned && owned.Count == entry.Addresses.Count)
            return owned;
        var byOwner = folder.Addresses().Select(address => (Address: address, Owner: folder.OwnerOf(address))).ToList();
        var exact = byOwner.Where(entry => entry.Owner is { } found && found.Content == owner.Content).ToList();
        var old = new ReservationOwner(owner.ContainerId.Trim(), "");
        return [.. (exact.Count > 0 ? exact : byOwner.Where(entry => entry.Owner == old)).Select(entry => entry.Address)];
    }

    /// <summary>Whether an address is available, if need be by removing a stale reservation.</summary>
    public bool IsFree(AddressNumber address) => !folder.Has(address) || (Reclaim() && !folder.Has(address));

    /// <summary>The next available address of a set; null for none.</summary>
    public AddressNumber? NextFree(RangeSet set, int number)
    {
        var last = folder.LastReserved(number);
        if (Search(set, last) is { } found)
            return found;
        return Reclaim() ? Search(set, last) : null;
    }

    /// <summary>
    /// Creates reservations, one for the set of the same index. If one fails, none stays. The index is written first: it may name addresses
    /// that are not ours, but never misses one that is.
    /// </summary>
    public void Take(ReservationOwner owner, IReadOnlyList<AddressNumber> current, IReadOnlyList<AddressNumber> more)
    {
        var taken = new List<AddressNumber>();
        try
        {
            index.Write(owner, current.Concat(more));
            for (var number = 0; number < more.Count; number++)
            {
                folder.Create(more[number], owner);
                taken.Add(more[number]);
                folder.SetLastReserved(number, more[number]);
            }
        }
        catch
        {
            taken.ForEach(folder.Delete);
            if (current.Count == 0)
                index.Delete(owner.Key);
            throw;
        }
    }

    public void Release(ReservationOwner owner)
    {
        var owned = Of(owner);
        foreach (var address in owned)
            folder.Delete(address);
        // Killed in Take: the index names the file that was made and not filled.
        foreach (var address in (index.Find(owner)?.Addresses ?? []).Except(owned).Where(folder.IsLeftover))
            folder.Delete(address);
        index.Delete(owner.Key);
    }

    /// <summary>Removes all reservations that belong to none of these owners.</summary>
    public void Keep(IReadOnlyCollection<ReservationOwner> owners)
    {
        var keys = owners.Select(owner => owner.Key).ToHashSet();
        var ids = owners.Select(owner => owner.ContainerId.Trim()).ToHashSet();
        foreach (var address in folder.Addresses().ToList())
        {
            if (folder.OwnerOf(address) is not { } owner
                || !(owner.IfName.Length == 0 ? ids.Contains(owner.ContainerId) : keys.Contains(owner.Key)))
                folder.Delete(address);
        }
        index.Keep(keys);
    }

    private AddressNumber? Search(RangeSet set, AddressNumber? last)
    {
        var probes = 0;
        HashSet<AddressNumber>? all = null;
        foreach (var address in set.After(last))
        {
            if (probes++ == Probes)
                all = [.. folder.Addresses()];
            if (!(all?.Contains(address) ?? folder.Has(address)))
                return address;
        }
        return null;
    }

    // Returns whether there was anything to remove.
    private bool Reclaim()
    {
        var leftovers = folder.Leftovers().ToList();
        leftovers.ForEach(folder.Delete);
        return ReclaimEarlierBoots() || leftovers.Count > 0;
    }

    private bool ReclaimEarlierBoots()
    {
        if (index.IsReclaimed)
            return false;
        var dropped = false;
        foreach (var key in index.Keys().ToList())
        {
            if (index.Find(key) is not { } entry || index.IsOfThisBoot(entry))
                continue;
            Drop(key, entry);
            dropped = true;
        }
        index.SetReclaimed();
        return dropped;
    }

    private void Drop(string key, IndexEntry entry)
    {
        foreach (var address in entry.Addresses.Where(address => folder.OwnerOf(address)?.Key == key))
            folder.Delete(address);
        index.Delete(key);
    }

    private List<AddressNumber> Owned(ReservationOwner owner, IndexEntry entry) =>
        [.. entry.Addresses.Where(address => folder.OwnerOf(address)?.Content == owner.Content)];
}
