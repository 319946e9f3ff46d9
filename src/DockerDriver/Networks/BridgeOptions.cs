namespace DockerDriver.Networks;

/// <summary>The options of a generated network, with the meaning they have on Docker's own bridge.</summary>
/// <param name="Name">The bridge's interface name; null for one of ours.</param>
/// <param name="Mtu">In bytes; null for the kernel's.</param>
/// <param name="Icc">Containers reach each other.</param>
/// <param name="Masquerade">What goes out carries the host's address.</param>
/// <param name="Internal">Nothing in, nothing out.</param>
internal sealed record BridgeOptions(string? Name, int? Mtu, bool Icc, bool Masquerade, bool Internal);
