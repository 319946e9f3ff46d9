namespace CniCore.Firewall;

/// <summary>What a network's containers accept from the outside, for one family.</summary>
public enum Reach
{
    /// <summary>Ports that are published on the host's addresses.</summary>
    Published,

    /// <summary>Published ports, and every port by the container's own address.</summary>
    Everything,

    /// <summary>Published ports, and open ports by the container's own address.</summary>
    OpenPorts,
}
