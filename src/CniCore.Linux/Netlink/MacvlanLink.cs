using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>A macvlan to create.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ParentIndex">The index of its parent.</param>
/// <param name="Mode">1 private, 2 vepa, 4 bridge, 8 passthru.</param>
public sealed record MacvlanLink(string Name, int ParentIndex, int Mode)
{
    /// <summary>Its MAC; null for a random one.</summary>
    public string? Mac { get; init; }

    /// <summary>In bytes; null for the parent's.</summary>
    public int? Mtu { get; init; }

    /// <summary>The length of the queue for broadcasts; the parent uses the largest of its macvlans. Null for the kernel's 1000.</summary>
    public uint? BroadcastQueueLength { get; init; }

    /// <summary>The namespace in which it is created; null for the parent's.</summary>
    public NetworkNamespace? Netns { get; init; }
}
