namespace CniCore.Firewall;

/// <summary>What containers accept from other containers of this host.</summary>
public enum Ingress
{
    /// <summary>Packets from their own interface, and from other interfaces with this policy.</summary>
    Open,

    /// <summary>Packets from their own interface only.</summary>
    SameInterface,

    /// <summary>Nothing.</summary>
    None,
}
