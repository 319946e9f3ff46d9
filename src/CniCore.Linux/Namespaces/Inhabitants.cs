using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Tmds.Linux;

namespace CniCore.Linux.Namespaces;

/// <summary>
/// Finds out whether a network namespace has processes. The kernel only tells the namespace of a given process, so the answer "none" needs
/// a scan of all processes of the host. Concurrent questions share the next scan, and a namespace is first looked up at the process that
/// was seen in it last.
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

    /// <summary>The processes of this host.</summary>
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

    /// <summary>Joins the next scan that has not started, so that its answer is not older than the question.</summary>
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

    // "net:[4026531840]"; null: the process has ended, or cannot be inspected.
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
