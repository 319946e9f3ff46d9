using CniCore.Linux;
using CniCore.Linux.Netlink;

namespace CniCore.Plugins.Tuning;

/// <summary>Settings of a link. Null leaves a setting unchanged.</summary>
internal sealed record LinkTuning
{
    /// <summary><c>aa:bb:cc:dd:ee:ff</c></summary>
    public string? Mac { get; init; }

    public bool? Promisc { get; init; }

    /// <summary>In bytes.</summary>
    public int? Mtu { get; init; }

    public bool? AllMulti { get; init; }

    /// <summary>In packets.</summary>
    public int? TxQueueLength { get; init; }

    /// <summary>Whether it changes nothing.</summary>
    public bool IsEmpty => this == new LinkTuning();

    /// <summary>The link's current values of those settings that are set here.</summary>
    public LinkTuning Of(Link link, LinkSettings settings) => new()
    {
        Mac = Mac is null ? null : link.Mac,
        Promisc = Promisc is null ? null : settings.Promiscuity > 0,
        Mtu = Mtu is null ? null : link.Mtu,
        AllMulti = AllMulti is null ? null : settings.AllMulticast,
        TxQueueLength = TxQueueLength is null ? null : settings.TxQueueLength,
    };

    /// <summary>Changes the link. Throws at the first refusal.</summary>
    public void Apply(RouteSocket inside, int index)
    {
        foreach (var change in Changes(inside, index))
            change();
    }

    /// <summary>Changes the link best effort: it may be about to be removed.</summary>
    public void Restore(RouteSocket inside, int index)
    {
        foreach (var change in Changes(inside, index))
        {
            try
            {
                change();
            }
            catch (LinuxException)
            {
                // DEL goes on: the link is deleted next.
            }
        }
    }

    private IEnumerable<Action> Changes(RouteSocket inside, int index)
    {
        if (Mac is { } mac)
            yield return () => inside.SetMac(index, mac);
        if (Promisc is { } promisc)
            yield return () => inside.SetPromiscuous(index, promisc);
        if (Mtu is { } mtu)
            yield return () => inside.SetMtu(index, mtu);
        if (AllMulti is { } all)
            yield return () => inside.SetAllMulticast(index, all);
        if (TxQueueLength is { } length)
            yield return () => inside.SetTxQueueLength(index, length);
    }
}
