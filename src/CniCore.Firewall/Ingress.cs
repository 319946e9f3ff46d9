namespace CniCore.Firewall;

/// <summary>What may come to containers from other containers of this host.</summary>
public enum Ingress
{
    /// <summary>From their own interface, and from others with such a policy.</summary>
    Open,

    /// <summary>From their own interface.</summary>
    SameInterface,

    /// <summary>From none.</summary>
    None,
}
