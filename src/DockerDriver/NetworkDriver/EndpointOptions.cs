using System.Text.Json;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.Sandboxes.Replay;

namespace DockerDriver.NetworkDriver;

/// <summary>An endpoint's <c>--driver-opt</c> options: <c>cni.args</c>, <c>cni.capability.NAME</c>, <c>cni.ips</c>.</summary>
internal sealed record EndpointOptions(
    IReadOnlyDictionary<string, string> Args, IReadOnlyDictionary<string, string> Capabilities, IReadOnlyList<string> Ips)
{
    /// <summary>The requested interface name in the sandbox; null for Docker's.</summary>
    public string? InterfaceName { get; private init; }

    private const string ArgsKey = "cni.args";
    public const string IpsKey = AttachmentPlan.IpsKey;
    private const string CapabilityPrefix = "cni.capability.";

    /// <param name="options">Docker's options of the endpoint.</param>
    /// <param name="asked">The capabilities of the list's plugins.</param>
    /// <exception cref="RefusedException">An option is unknown or its value is malformed.</exception>
    public static EndpointOptions From(IReadOnlyDictionary<string, JsonElement>? options, IReadOnlyCollection<string> asked)
    {
        var args = new Dictionary<string, string>();
        var capabilities = new Dictionary<string, string>();
        IReadOnlyList<string> ips = [];
        string? name = null;
        foreach (var (key, value) in options ?? new Dictionary<string, JsonElement>())
        {
            if (key == NetLabel.Ifname)
                name = Name(value.ToString());
            if (key.StartsWith(NetLabel.Prefix, StringComparison.Ordinal))
                continue; // Docker's own
            if (key == ArgsKey)
                args = ArgsOf(value.ToString());
            else if (key == IpsKey)
                ips = IpsOf(value.ToString());
            else if (key.StartsWith(CapabilityPrefix, StringComparison.Ordinal) && key.Length > CapabilityPrefix.Length)
                capabilities[CanonicalNames.OfCapability(key[CapabilityPrefix.Length..], asked)] = Json(key, value.ToString());
            else
                throw new RefusedException(
                    $"driver option '{key}' is unknown to the driver cni; it takes {ArgsKey}, {IpsKey} and {CapabilityPrefix}NAME");
        }
        return new(args, capabilities, ips) { InterfaceName = name };
    }

    /// <summary>The port bindings of <c>-p</c>, as libnetwork passes them; empty for none.</summary>
    /// <param name="options">Docker's options.</param>
    /// <param name="hostBinding">The host address for bindings that name none; null for all.</param>
    public static IReadOnlyList<PortBinding> Ports(IReadOnlyDictionary<string, JsonElement>? options, string? hostBinding)
    {
        var ports = options?.TryGetValue(NetLabel.PortMap, out var given) == true ? PortsOf(given) : [];
        return hostBinding is null
            ? ports
            : [.. ports.Select(port => string.IsNullOrEmpty(port.HostIp) ? port with { HostIp = hostBinding } : port)];
    }

    /// <summary>Parses stored port bindings.</summary>
    /// <exception cref="RefusedException">They are not port bindings.</exception>
    public static IReadOnlyList<PortBinding> PortsOf(JsonElement? ports)
    {
        try
        {
            return ports is { ValueKind: JsonValueKind.Array } array
                ? array.Deserialize(DockerJson.Default.IReadOnlyListPortBinding) ?? [] : [];
        }
        catch (JsonException fault)
        {
            throw new RefusedException($"the option {NetLabel.PortMap} has no port bindings: {fault.Path} is of another type");
        }
    }

    /// <summary>Port bindings in the form in which they are stored.</summary>
    public static JsonElement ToJson(IReadOnlyList<PortBinding> ports) =>
        JsonSerializer.SerializeToElement(ports, DockerJson.Default.IReadOnlyListPortBinding);

    /// <summary>
    /// Whether host IPv6 may be proxied to container IPv4: not where another endpoint is the container's IPv6 gateway (libnetwork, since
    /// 28).
    /// </summary>
    public static bool MayProxy(IReadOnlyDictionary<string, JsonElement>? options) =>
        options?.TryGetValue(NetLabel.NoProxy6To4, out var isBarred) != true || isBarred.ValueKind != JsonValueKind.True;

    /// <summary>
    /// <c>com.docker.network.endpoint.sysctls</c>, <c>net.ipv4.conf.IFNAME.log_martians=1,…</c>: values by their path under
    /// <c>/proc/sys/net</c>, with <c>IFNAME</c>. Docker refuses values of another form (libnetwork, sandbox.go).
    /// </summary>
    public static IReadOnlyDictionary<string, string> Sysctls(IReadOnlyDictionary<string, JsonElement>? options)
    {
        var sysctls = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var sysctl in options?.TryGetValue(NetLabel.EndpointSysctls, out var given) == true ? given.ToString().Split(',') : [])
        {
            // Docker's client converts --network name=…,driver-opt=… to lower case.
            if (sysctl.Trim().Split('=', 2) is [var key, var value] && key.Split('.') is ["net", var family, var kind, var name, var last]
                && name.Equals(NetworkSysctls.InterfacePlaceholder, StringComparison.OrdinalIgnoreCase))
                sysctls[$"{family}/{kind}/{NetworkSysctls.InterfacePlaceholder}/{last}"] = value;
        }
        return sysctls;
    }

    private static string Name(string text)
    {
        try
        {
            return CniCore.Spec.InterfaceName.Parse(text).ToString();
        }
        catch (CniException fault)
        {
            throw new RefusedException($"driver option '{NetLabel.Ifname}': '{text}': {fault.Message}");
        }
    }

    private static Dictionary<string, string> ArgsOf(string text)
    {
        var args = new Dictionary<string, string>();
        foreach (var pair in text.Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=');
            if (parts.Length != 2 || parts[0].Length == 0)
                throw new RefusedException($"driver option '{ArgsKey}': '{pair}' is not KEY=VALUE; separate several with ';'");
            args[CanonicalNames.OfArg(parts[0])] = parts[1];
        }
        return args;
    }

    // Docker's client splits --driver-opt at commas, so that ';' is accepted too.
    private static string[] IpsOf(string text)
    {
        var ips = text.Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (ips.FirstOrDefault(ip => !CidrAddress.TryParse(ip, out _)) is { } wrong)
            throw new RefusedException($"driver option '{IpsKey}': '{wrong}' is not an address with a prefix length, such as 10.1.0.5/16");
        return ips;
    }

    private static string Json(string key, string text)
    {
        try
        {
            return UserJson.Parse(text).GetRawText();
        }
        catch (FormatException fault)
        {
            throw new RefusedException($"driver option '{key}' {fault.Message}");
        }
    }
}
