namespace DockerDriver.Protocol;

/// <summary>libnetwork's keys of the options maps (libnetwork/netlabel).</summary>
internal static class NetLabel
{
    public const string Prefix = "com.docker.";
    public const string Generic = "com.docker.network.generic";
    public const string Internal = "com.docker.network.internal";
    public const string EnableIPv4 = "com.docker.network.enable_ipv4";
    public const string EnableIPv6 = "com.docker.network.enable_ipv6";
    public const string NoProxy6To4 = "com.docker.network.driver.private.no_proxy_6to4";
    public const string PortMap = "com.docker.network.portmap";

    /// <summary>In a pool's data: its gateway. In an address request's options: a request for a gateway.</summary>
    public const string Gateway = "com.docker.network.gateway";
    public const string RequestAddressType = "RequestAddressType";

    /// <summary>Sysctls of an endpoint's interface; Docker sets them since 27.</summary>
    public const string EndpointSysctls = "com.docker.network.endpoint.sysctls";

    /// <summary>In an address request's options: the container's name, since Docker 29.</summary>
    public const string EndpointName = "com.docker.network.endpoint.name";

    public const string Mtu = "com.docker.network.driver.mtu";
    public const string BridgeName = "com.docker.network.bridge.name";
    public const string EnableIcc = "com.docker.network.bridge.enable_icc";
    public const string EnableIpMasquerade = "com.docker.network.bridge.enable_ip_masquerade";
    public const string HostBinding = "com.docker.network.bridge.host_binding_ipv4";
    public const string InhibitIPv4 = "com.docker.network.bridge.inhibit_ipv4";
    public const string GatewayModeIPv4 = "com.docker.network.bridge.gateway_mode_ipv4";
    public const string GatewayModeIPv6 = "com.docker.network.bridge.gateway_mode_ipv6";
    public const string TrustedHostInterfaces = "com.docker.network.bridge.trusted_host_interfaces";
    public const string ContainerIfacePrefix = "com.docker.network.container_iface_prefix";
    public const string HostIPv4 = "com.docker.network.host_ipv4";
    public const string HostIPv6 = "com.docker.network.host_ipv6";

    /// <summary>How many times, and in which interval, libnetwork announces an address (Docker 28 and later).</summary>
    public const string AdvertiseCount = "com.docker.network.advertise_addr_nmsgs";
    public const string AdvertiseInterval = "com.docker.network.advertise_addr_ms";

    /// <summary>The interface's name in the sandbox, of one endpoint.</summary>
    public const string Ifname = "com.docker.network.endpoint.ifname";
}
