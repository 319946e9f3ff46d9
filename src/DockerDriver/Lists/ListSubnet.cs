using System.Net;

namespace DockerDriver.Lists;

/// <summary>A subnet of a list's IPAM, with the gateway it keeps free.</summary>
internal sealed record ListSubnet(IPNetwork Network, IPAddress Gateway);
