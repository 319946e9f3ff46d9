namespace CniCore.Linux.Netlink;

/// <summary>A flow of connection tracking, in the default zone.</summary>
/// <param name="Original">The direction of the first packet.</param>
/// <param name="Reply">The direction of the answers: its source is the translated destination.</param>
/// <param name="Id">The kernel's id: distinguishes flows with the same ends.</param>
public sealed record Flow(FlowEnds Original, FlowEnds Reply, int Id);
