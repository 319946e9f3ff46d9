using CniCore.Linux.Netlink;

namespace DockerDriver.State;

/// <summary>
/// The objects that a list's plugins have added to a namespace: its state after ADD less its state before. Indexes and names are those of
/// the holding namespace.
/// </summary>
/// <param name="Links">The interfaces, including <c>lo</c>.</param>
/// <param name="Objects">
/// Addresses, routes, rules, neighbours and queueing disciplines, in an order in which they can be created again.
/// </param>
/// <param name="Sysctls">The changed sysctls, by their path under <c>/proc/sys/net</c>.</param>
internal sealed record NetnsDelta(
    IReadOnlyList<DeltaLink> Links, IReadOnlyList<KernelObject> Objects, IReadOnlyDictionary<string, string> Sysctls);
