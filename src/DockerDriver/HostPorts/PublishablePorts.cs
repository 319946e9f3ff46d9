using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using CniCore.Spec;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.HostPorts;

/// <summary>
/// Which of a container's published ports an attachment can carry, by its address families, as in Docker's bridge driver.
/// </summary>
internal static class PublishablePorts
{
    /// <summary>Every IPv4 address of the host.</summary>
    public const string AllV4 = "0.0.0.0";

    /// <summary>Every IPv6 address of the host.</summary>
    public const string AllV6 = "::";

    private const int Sctp = 132; // its IP protocol number

    /// <summary>
    /// A binding without an address applies to the attachment's families; host IPv6 is proxied to container IPv4. A binding with an address
    /// applies to that family. Bindings that cannot reach the container are left out: host IPv4 to container IPv6.
    /// </summary>
    /// <param name="result">The result of its ADD.</param>
    /// <param name="wanted">The bindings of <c>-p</c>.</param>
    /// <param name="mayProxy">Whether host IPv6 may be proxied: not where another network is the container's IPv6 gateway.</param>
    /// <param name="others">The families in which another network is the container's gateway, and carries the ports.</param>
    /// <param name="bridge">The generated network; no host port is mapped in its routed families. Null for a list.</param>
    public static IReadOnlyList<PortBinding> Of(
        CniResult result, IReadOnlyList<PortBinding> wanted, bool mayProxy, IReadOnlySet<AddressFamily> others,
            GeneratedBridge? bridge = null)
    {
        var hasV4 = Has(AddressFamily.InterNetwork);
        var hasV6 = Has(AddressFamily.InterNetworkV6);
        if (hasV4 == hasV6)
            return hasV4 || (others.Count == 0 && !result.Ips.Any(ip => IsRouted(bridge, ip.Address.Address.AddressFamily))) ? wanted : [];
        mayProxy &= !others.Contains(AddressFamily.InterNetworkV6) && AddressOf(result, AddressFamily.InterNetworkV6) is null;
        return [.. wanted.Select(binding => Of(binding, hasV4, mayProxy)).OfType<PortBinding>()];

        bool Has(AddressFamily family) => AddressOf(result, family) is not null && !others.Contains(family) && !IsRouted(bridge, family);
    }

    /// <summary>The ports that are reached on the container's own addresses, whatever host port <c>-p</c> names.</summary>
    public static IReadOnlyList<OpenPort> Open(
        CniResult result, IReadOnlyList<PortBinding> wanted, IReadOnlySet<AddressFamily> others, GeneratedBridge? bridge) =>
    [
        .. from address in result.Ips.Select(ip => ip.Address.Address)
           where bridge?.AllowsDirectAccess(address.AddressFamily) == true && !others.Contains(address.AddressFamily)
           from binding in wanted
           where IsFor(binding, address.AddressFamily)
           select new OpenPort(address.ToString(), PortReservations.Protocol(binding.Proto), binding.Port),
    ];

    /// <summary>Whether a binding requests the host port of one of the ports.</summary>
    public static bool AnyOf(IReadOnlyList<PublishedPort> ports, IReadOnlyList<PortBinding> requested) => ports.Any(port => requested.Any(
        binding => binding.HostPort <= port.HostPort && port.HostPort <= Math.Max(binding.HostPort, binding.HostPortEnd)));

    /// <summary>Whether the port implements the binding, in both families or one.</summary>
    public static bool IsOf(PublishedPort port, PortBinding binding) =>
        PortReservations.Protocol(binding.Proto) == port.Protocol && binding.Port == port.ContainerPort
        && (binding.HostPort == 0 || (port.HostPort >= binding.HostPort
            && port.HostPort <= Math.Max(binding.HostPort, binding.HostPortEnd)))
        && (string.IsNullOrEmpty(binding.HostIp) ? port.HostIp is "" or AllV4 or AllV6 : binding.HostIp == port.HostIp);

    /// <summary>
    /// The IPv4 address to which host IPv6 is proxied; null where the attachment has IPv6 or no IPv4, or where its list has conditions.
    /// </summary>
    public static IPAddress? ProxyTarget(CniResult result, NetworkList list, GeneratedBridge? bridge = null) =>
        MayProxy(list) && AddressOf(result, AddressFamily.InterNetworkV6) is null && !IsRouted(bridge, AddressFamily.InterNetwork)
            ? AddressOf(result, AddressFamily.InterNetwork)
            : null;

    /// <summary>Not for a <c>portmap</c> with conditions: the proxy would bypass them.</summary>
    public static bool MayProxy(NetworkList list) =>
        list.Plugins
            .All(plugin => !HasConditions(plugin.Json, "conditionsV4") && !HasConditions(plugin.Json, "conditionsV6"));

    private static bool HasConditions(JsonElement plugin, string key) =>
        plugin.TryGetProperty(key, out var conditions) && conditions.ValueKind != JsonValueKind.Null;

    private static bool IsRouted(GeneratedBridge? bridge, AddressFamily family) => bridge?.ModeOf(family) == GatewayMode.Routed;

    private static bool IsFor(PortBinding binding, AddressFamily family) =>
        string.IsNullOrEmpty(binding.HostIp)
            || binding.HostIp.Contains(':', StringComparison.Ordinal) == (family == AddressFamily.InterNetworkV6);

    private static PortBinding? Of(PortBinding binding, bool hasV4, bool mayProxy)
    {
        var mayBeV6 = !hasV4 || (mayProxy && binding.Proto != Sctp);
        return binding.HostIp switch
        {
            null or "" => binding with { HostIp = !hasV4 ? AllV6 : mayBeV6 ? "" : AllV4 },
            var host when host.Contains(':', StringComparison.Ordinal) => mayBeV6 ? binding : null,
            _ => hasV4 ? binding : null,
        };
    }

    private static IPAddress? AddressOf(CniResult result, AddressFamily family) =>
        result.Ips.Select(ip => ip.Address.Address).FirstOrDefault(address => address.AddressFamily == family);
}
