using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Tmds.Linux;

namespace CniCore.Linux.Namespaces;

/// <summary>
/// Which network namespaces a process lives in. The kernel tells it of a process alone, so that "nobody" takes a look at each process of
/// the host. Questions that come while one is asked for share the next look; a namespace where somebody was seen is asked of that one
/// first.
/// </summary>
public sealed class Inhabitants
{
    private readonly Func<IReadOnlyDictionary<ulong, int>> look;
    private readonly ConcurrentDictionary<ulong, int> seen = new();
    private readonly Lock asking = new();
    private readonly Lock looking = new();
    private Lazy<IReadOnlyDictionary<ulong, int>>? next;

    private Inhabitants()
        : this(LookAtAll)
    {
    }

    internal Inhabitants(Func<IReadOnlyDictionary<ulong, int>> look) => this.look = look;

    /// <summary>Those of this host.</summary>
    public static Inhabitants OfHost { get; } = new();

    /// <summary>Whether a process is in that namespace now.</summary>
    public bool Has(NetworkNamespace netns)
    {
        ArgumentNullException.ThrowIfNull(netns);
        var inode = netns.Identity.Inode;
        if (seen.TryGetValue(inode, out var process) && NamespaceOf(process) == inode)
            return true;
        var found = Ask().Value;
        foreach (var gone in seen.Keys.Where(process => !found.ContainsKey(process)))
            seen.TryRemove(gone, out _);
        if (!found.TryGetValue(inode, out process))
            return false;
        seen[inode] = process;
        return true;
    }

    /// <summary>A look that has not begun: what it finds is no older than the question.</summary>
    internal Lazy<IReadOnlyDictionary<ulong, int>> Ask()
    {
        lock (asking)
            return next ??= new(Begin);
    }

    private IReadOnlyDictionary<ulong, int> Begin()
    {
        lock (looking)
        {
            lock (asking)
                next = null;
            return look();
        }
    }

    private static Dictionary<ulong, int> LookAtAll()
    {
        var found = new Dictionary<ulong, int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var process)
                && NamespaceOf(process) is { } inode)
                found.TryAdd(inode, process);
        }
        return found;
    }

    // "net:[4026531840]"; null: it has ended, or does not let itself be looked at.
    private static unsafe ulong? NamespaceOf(int process)
    {
        var path = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/ns/net\0"));
        var target = stackalloc byte[64];
        fixed (byte* name = path)
        {
            var length = (int)LibC.readlink(name, target, 64);
            return length > 6 && ulong.TryParse(new ReadOnlySpan<byte>(target + 5, length - 6), CultureInfo.InvariantCulture, out var inode)
                ? inode
                : null;
        }
    }
}
