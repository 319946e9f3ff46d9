using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Netlink;

/// <summary>A macvlan to be made.</summary>
/// <param name="Name">Its name.</param>
/// <param name="ParentIndex">The interface it stands on.</param>
/// <param name="Mode">1 private, 2 vepa, 4 bridge, 8 passthru.</param>
public sealed record MacvlanLink(string Name, int ParentIndex, int Mode)
{
    /// <summary>Hardware address; null for one of the kernel's choice.</summary>
    public string? Mac { get; init; }

    /// <summary>In bytes; null for the parent's.</summary>
    public int? Mtu { get; init; }

    /// <summary>How many broadcasts may wait for it; the parent keeps to the largest asked for. Null for the kernel's 1000.</summary>
    public uint? BroadcastQueueLength { get; init; }

    /// <summary>Where it is made; null for where its parent is.</summary>
    public NetworkNamespace? Netns { get; init; }
}
