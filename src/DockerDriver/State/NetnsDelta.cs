using CniCore.Linux.Netlink;

namespace DockerDriver.State;

/// <summary>
/// What a list's plugins have made in a namespace: all that was not there before ADD. Indexes and names are those it had there.
/// </summary>
/// <param name="Links">The interfaces, <c>lo</c> among them.</param>
/// <param name="Objects">Addresses, routes, rules, neighbours and queues, in the order in which they can be made again.</param>
/// <param name="Sysctls">Those that have been set, by their path under <c>/proc/sys/net</c>.</param>
internal sealed record NetnsDelta(
    IReadOnlyList<DeltaLink> Links, IReadOnlyList<KernelObject> Objects, IReadOnlyDictionary<string, string> Sysctls);
