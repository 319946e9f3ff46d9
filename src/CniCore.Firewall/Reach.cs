namespace CniCore.Firewall;

/// <summary>What the world reaches of a network's containers, of one family.</summary>
public enum Reach
{
    /// <summary>Ports that are published on the host's addresses.</summary>
    Published,

    /// <summary>Those, and every port by the container's own address.</summary>
    Everything,

    /// <summary>Open ports by the container's own address.</summary>
    OpenPorts,
}
