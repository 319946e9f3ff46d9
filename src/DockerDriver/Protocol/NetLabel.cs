namespace DockerDriver.Protocol;

/// <summary>libnetwork's keys of the options maps (libnetwork/netlabel).</summary>
internal static class NetLabel
{
    public const string Prefix = "com.docker.";
    public const string Generic = "com.docker.network.generic";
    public const string Internal = "com.docker.network.internal";
    public const string EnableIPv6 = "com.docker.network.enable_ipv6";
    public const string NoProxy6To4 = "com.docker.network.driver.private.no_proxy_6to4";
    public const string PortMap = "com.docker.network.portmap";

    /// <summary>In a pool's data its gateway; in an address's options the word for one.</summary>
    public const string Gateway = "com.docker.network.gateway";
    public const string RequestAddressType = "RequestAddressType";

    /// <summary>Sysctls of an endpoint's interface, which its user asks for; Docker sets them since 27.</summary>
    public const string EndpointSysctls = "com.docker.network.endpoint.sysctls";

    /// <summary>In an address's options the container's name, since Docker 29.</summary>
    public const string EndpointName = "com.docker.network.endpoint.name";

    public const string Mtu = "com.docker.network.driver.mtu";
    public const string BridgeName = "com.docker.network.bridge.name";
    public const string EnableIcc = "com.docker.network.bridge.enable_icc";
    public const string EnableIpMasquerade = "com.docker.network.bridge.enable_ip_masquerade";
}
