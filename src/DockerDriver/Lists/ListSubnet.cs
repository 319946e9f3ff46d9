using System.Net;

namespace DockerDriver.Lists;

/// <summary>A subnet of a list's IPAM, and its gateway.</summary>
internal sealed record ListSubnet(IPNetwork Network, IPAddress Gateway);
