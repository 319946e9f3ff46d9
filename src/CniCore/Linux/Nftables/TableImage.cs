namespace CniCore.Linux.Nftables;

/// <summary>
/// A table without its elements, in the kernel's own words: sets, chains and rules as it tells them, to be said to it again. libnftables takes three times
/// as long to come to the same from nft's language.
/// </summary>
/// <param name="Parts">What makes them, in this order: the message, and its attributes.</param>
/// <param name="Chains">The names of its chains.</param>
internal sealed record TableImage(IReadOnlyList<(ushort Message, byte[] Attributes)> Parts, IReadOnlySet<string> Chains);
