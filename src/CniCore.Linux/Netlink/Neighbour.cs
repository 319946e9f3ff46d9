using System.Net;

namespace CniCore.Linux.Netlink;

/// <summary>A neighbour: the hardware address of an address on a link.</summary>
/// <param name="LinkIndex">The index of the interface.</param>
/// <param name="Address">The address.</param>
/// <param name="Mac">The hardware address; empty while unresolved.</param>
/// <param name="State">The kernel's NUD_ bits; 0x80 is permanent.</param>
public sealed record Neighbour(int LinkIndex, IPAddress Address, string Mac, int State);
