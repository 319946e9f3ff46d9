using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.Protocol;

/// <summary>Answer to <c>Plugin.Activate</c>: the kinds of drivers that this socket serves (moby pkg/plugins).</summary>
internal sealed record ActivateResponse([property: JsonPropertyName("Implements")] IReadOnlyList<string> Implements);

/// <summary>
/// Answer to <c>NetworkDriver.GetCapabilities</c>. <see cref="GwAllocChecker"/> exists since Docker 28; older engines ignore it.
/// </summary>
internal sealed record DriverCapabilities(
    [property: JsonPropertyName("Scope")] string Scope,
    [property: JsonPropertyName("ConnectivityScope")] string ConnectivityScope,
    [property: JsonPropertyName("GwAllocChecker")] bool GwAllocChecker);

/// <summary><c>NetworkDriver.GwAllocCheck</c> (Docker 28 and later), before the network's pools are requested.</summary>
internal sealed record GwAllocCheckRequest(
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);

/// <summary>Answer to <c>GwAllocCheck</c> (Docker 28 and later): whether Docker's IPAM need not reserve a gateway.</summary>
internal sealed record GwAllocCheckResponse(
    [property: JsonPropertyName("SkipIPv4")] bool SkipIPv4,
    [property: JsonPropertyName("SkipIPv6")] bool SkipIPv6);

/// <summary>
/// <c>NetworkDriver.CreateNetwork</c>. <c>-o</c> options are in <see cref="Options"/> under <c>com.docker.network.generic</c>; the
/// network's name and labels are not passed.
/// </summary>
internal sealed record CreateNetworkRequest(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null,
    [property: JsonPropertyName("IPv4Data")] IReadOnlyList<AddressPool>? IPv4Data = null,
    [property: JsonPropertyName("IPv6Data")] IReadOnlyList<AddressPool>? IPv6Data = null);

/// <summary>
/// A pool of Docker's IPAM: <c>--ipam-driver null</c> is the address space <c>null</c> with the pool <c>0.0.0.0/0</c>. Gateway and
/// auxiliary addresses have the pool's prefix length.
/// </summary>
internal sealed record AddressPool(
    [property: JsonPropertyName("AddressSpace")] string? AddressSpace = null,
    [property: JsonPropertyName("Pool")] string? Pool = null,
    [property: JsonPropertyName("Gateway")] string? Gateway = null,
    [property: JsonPropertyName("AuxAddresses")] IReadOnlyDictionary<string, JsonElement>? AuxAddresses = null);

/// <summary><c>NetworkDriver.DeleteNetwork</c>.</summary>
internal sealed record DeleteNetworkRequest([property: JsonPropertyName("NetworkID")] string NetworkId);

/// <summary>
/// <c>NetworkDriver.CreateEndpoint</c>. The driver may choose the values of empty fields of <see cref="Interface"/>; <c>--driver-opt</c>
/// keys are at the top level of <see cref="Options"/>.
/// </summary>
internal sealed record CreateEndpointRequest(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId,
    [property: JsonPropertyName("Interface")] EndpointInterface? Interface = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);

/// <summary>
/// The addresses of an endpoint, in CIDR form, and its MAC. In an answer, a field that came filled must stay empty: libnetwork takes it for
/// a change, and refuses it.
/// </summary>
internal sealed record EndpointInterface(
    [property: JsonPropertyName("Address")] string? Address = "",
    [property: JsonPropertyName("AddressIPv6")] string? AddressIPv6 = "",
    [property: JsonPropertyName("MacAddress")] string? MacAddress = "");

/// <summary>Answer to <c>CreateEndpoint</c>: the values that the driver chose.</summary>
internal sealed record CreateEndpointResponse([property: JsonPropertyName("Interface")] EndpointInterface Interface);

/// <summary>
/// A call that names only an endpoint: <c>DeleteEndpoint</c>, <c>Leave</c>, <c>EndpointOperInfo</c>, <c>RevokeExternalConnectivity</c>.
/// </summary>
internal sealed record EndpointRequest(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId);

/// <summary><c>NetworkDriver.Join</c>. Up to Docker 27 <see cref="SandboxKey"/> does not exist yet.</summary>
internal sealed record JoinRequest(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId,
    [property: JsonPropertyName("SandboxKey")] string? SandboxKey = null,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);

/// <summary>Answer to <c>Join</c>: the interface that libnetwork moves into the sandbox, and the routes that it sets afterwards.</summary>
internal sealed record JoinResponse(
    [property: JsonPropertyName("InterfaceName")] MovedInterface InterfaceName,
    [property: JsonPropertyName("Gateway")] string Gateway,
    [property: JsonPropertyName("GatewayIPv6")] string GatewayIPv6,
    [property: JsonPropertyName("StaticRoutes")] IReadOnlyList<StaticRoute> StaticRoutes,
    [property: JsonPropertyName("DisableGatewayService")] bool DisableGatewayService);

/// <summary>
/// An interface by its name in the host's namespace. In the sandbox its name is <see cref="DstPrefix"/> and a number, or from Docker 29.8
/// on <see cref="DstName"/> where that is not empty.
/// </summary>
internal sealed record MovedInterface(
    [property: JsonPropertyName("SrcName")] string SrcName,
    [property: JsonPropertyName("DstPrefix")] string DstPrefix,
    [property: JsonPropertyName("DstName")] string DstName);

/// <summary>A route of <c>Join</c>'s answer. A default route fails the start on Docker 28; an empty destination makes it panic.</summary>
internal sealed record StaticRoute(
    [property: JsonPropertyName("Destination")] string Destination,
    [property: JsonPropertyName("RouteType")] int RouteType,
    [property: JsonPropertyName("NextHop")] string NextHop)
{
    /// <summary>Through <see cref="NextHop"/> (libnetwork types.NEXTHOP).</summary>
    public const int Via = 0;

    /// <summary>On the interface (libnetwork types.CONNECTED); NextHop is empty.</summary>
    public const int Connected = 1;
}

/// <summary>Answer to <c>EndpointOperInfo</c>. The engine ignores a remote driver's values.</summary>
internal sealed record EndpointInfoResponse([property: JsonPropertyName("Value")] IReadOnlyDictionary<string, JsonElement> Value);

/// <summary>
/// <c>ProgramExternalConnectivity</c>: the endpoint is now its container's gateway, and publishes its ports. The options are the sandbox's,
/// with <c>com.docker.network.portmap</c>.
/// </summary>
internal sealed record ProgramExternalConnectivityRequest(
    [property: JsonPropertyName("NetworkID")] string NetworkId,
    [property: JsonPropertyName("EndpointID")] string EndpointId,
    [property: JsonPropertyName("Options")] IReadOnlyDictionary<string, JsonElement>? Options = null);

/// <summary>
/// One entry of <c>com.docker.network.portmap</c>: <c>-p</c> as libnetwork passes it. <see cref="Proto"/> is the IP protocol number; the
/// driver chooses the port where <see cref="HostPort"/> is 0.
/// </summary>
internal sealed record PortBinding(
    [property: JsonPropertyName("Proto")] int Proto = 6,
    [property: JsonPropertyName("Port")] int Port = 0,
    [property: JsonPropertyName("HostIP")] string? HostIp = "",
    [property: JsonPropertyName("HostPort")] int HostPort = 0,
    [property: JsonPropertyName("HostPortEnd")] int HostPortEnd = 0);

/// <summary>An answer without data: <c>{}</c>. Docker cannot decode an empty body.</summary>
internal sealed record EmptyResponse
{
    public static readonly EmptyResponse Instance = new();
}

/// <summary>A refusal. Docker shows <see cref="Reason"/> to its user. Network drivers send <c>Err</c>, IPAM drivers <c>Error</c>.</summary>
internal sealed record ErrorResponse([property: JsonPropertyName("Err")] string Reason)
{
    [JsonPropertyName("Error")]
    public string IpamReason => Reason;
}
