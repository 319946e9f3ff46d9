namespace CniCore.Linux.Netlink;

/// <summary>A flow that the kernel's connection tracking knows, in the default zone.</summary>
/// <param name="Original">As its first packet came.</param>
/// <param name="Reply">As answers come: its source is where the packets really go.</param>
/// <param name="Id">The kernel's name for it: another flow with the same ends has another.</param>
public sealed record Flow(FlowEnds Original, FlowEnds Reply, int Id);
