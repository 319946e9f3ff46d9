namespace CniCore.Linux.Netlink;

/// <summary>Less common settings of an interface.</summary>
/// <param name="Promiscuity">The number of its users that need promiscuous mode, its own flag included.</param>
/// <param name="AllMulticast">Whether it receives every multicast.</param>
/// <param name="TxQueueLength">In packets.</param>
/// <param name="MacvlanMode">The mode of a macvlan: 1 private, 2 vepa, 4 bridge, 8 passthru; else null.</param>
public sealed record LinkSettings(int Promiscuity, bool AllMulticast, int TxQueueLength, int? MacvlanMode);
