namespace CniCore.Linux.Netlink;

/// <summary>What of an interface few ask for.</summary>
/// <param name="Promiscuity">How many want it to take in everything, its own flag and those who listen on it.</param>
/// <param name="AllMulticast">Takes in every multicast.</param>
/// <param name="TxQueueLength">In packets.</param>
/// <param name="MacvlanMode">A macvlan's mode: 1 private, 2 vepa, 4 bridge, 8 passthru; null for all else.</param>
public sealed record LinkSettings(int Promiscuity, bool AllMulticast, int TxQueueLength, int? MacvlanMode);
