using System.Globalization;
using System.Net.NetworkInformation;
using System.Text.Json;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;

namespace DockerDriver.Labels;

/// <summary>A container's labels <c>cni.…</c>. An invalid label refuses all, with a message that names it and a solution.</summary>
internal sealed class ContainerLabels
{
    public const string Prefix = CniLabels.Prefix;
    public const string NetworksKey = "cni.networks";
    public const string PortsKey = "cni.ports";
    private const string OnFailureKey = "cni.on-failure";
    private const string CapabilityPrefix = "capability.";

    // Names that an attached interface cannot have. The last two are folders of /proc/sys/net/ipv4/conf; the kernel refuses them.
    private static readonly Dictionary<string, string> NamesInUse = new()
    {
        ["lo"] = "the container's loopback interface",
        ["all"] = "a name that is reserved by the kernel",
        ["default"] = "a name that is reserved by the kernel",
    };

    private static readonly string[] Own = [NetworksKey, PortsKey, OnFailureKey];
    private readonly IReadOnlyDictionary<string, string> labels;
    private readonly string networks;

    /// <param name="labels">All labels of the container, or those with the prefix <c>cni.</c>.</param>
    /// <param name="defaultNetworks">The value of <c>cni.networks</c> where the label is missing; empty for none.</param>
    public ContainerLabels(IReadOnlyDictionary<string, string> labels, string defaultNetworks)
    {
        this.labels = labels;
        networks = labels.GetValueOrDefault(NetworksKey, defaultNetworks);
    }

    /// <summary>The label or setting that names the networks, for messages.</summary>
    public string NetworksSource => labels.ContainsKey(NetworksKey) ? "label " + NetworksKey : "setting default-networks";

    /// <summary>Whether the networks are those of the setting <c>default-networks</c>.</summary>
    public bool UseDefaultNetworks => !labels.ContainsKey(NetworksKey);

    /// <summary>Whether any network is requested. An empty label <c>cni.networks</c> requests none, whatever the default.</summary>
    public bool RequestNetworks => networks.Trim().Length > 0;

    /// <summary>
    /// <c>cni.on-failure=keep</c>: the container continues to run without its networks. Any other value stops it, even an invalid one.
    /// </summary>
    public bool KeepOnFailure => labels.GetValueOrDefault(OnFailureKey) == "keep";

    /// <exception cref="RefusedException">A label is unknown, or its value is malformed.</exception>
    public ContainerRequest Parse()
    {
        if (labels.TryGetValue(OnFailureKey, out var onFailure) && onFailure is not ("stop" or "keep"))
            throw Invalid(OnFailureKey, $"'{onFailure}' is neither stop nor keep");
        var requests = Networks();
        foreach (var key in labels.Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal) && !Own.Contains(key))
            .Order(StringComparer.Ordinal))
            Apply(requests, key, labels[key]);
        return new(requests, PortLabel.Parse(PortsKey, labels.GetValueOrDefault(PortsKey, "")));
    }

    private List<NetworkRequest> Networks()
    {
        var requests = new List<NetworkRequest>();
        foreach (var entry in networks.Split(',', StringSplitOptions.TrimEntries))
        {
            var request = Network(entry, requests.Count);
            if (requests.Any(other => other.Network == request.Network))
                throw Refused($"{request.Network} is named twice");
            if (requests.FirstOrDefault(other => other.IfName == request.IfName) is { } taken)
                throw Refused($"{taken.Network} and {request.Network} would both be {request.IfName}; rename one of them: "
                    + $"{request.Network}@eth{requests.Count + 1}");
            requests.Add(request);
        }
        return requests;
    }

    private NetworkRequest Network(string entry, int position)
    {
        var parts = entry.Split('@');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0))
            throw Refused($"'{entry}' is not NETWORK or NETWORK@INTERFACE; separate several with ','");
        var ifName = parts.Length == 2 ? parts[1] : string.Create(CultureInfo.InvariantCulture, $"eth{position}");
        if (NamesInUse.TryGetValue(ifName, out var use))
            throw Refused(string.Create(CultureInfo.InvariantCulture,
                $"'{entry}': {ifName} is {use}; give the interface another name: {parts[0]}@eth{position}"));
        try
        {
            return new(NetworkName.Parse(parts[0]), InterfaceName.Parse(ifName));
        }
        catch (CniException fault)
        {
            throw Refused($"'{entry}': {fault.Message}");
        }
    }

    private RefusedException Refused(string reason) => new($"{NetworksSource}: {reason}");

    // A network's name may contain dots: the longest match applies.
    private static void Apply(List<NetworkRequest> requests, string key, string value)
    {
        var rest = key[Prefix.Length..];
        var index = requests.Index()
            .Where(entry => rest.StartsWith(entry.Item.Network + ".", StringComparison.Ordinal))
            .OrderByDescending(entry => entry.Item.Network.ToString().Length)
            .Select(entry => entry.Index).FirstOrDefault(-1);
        if (index < 0)
            throw Invalid(key,
                $"it names none of the container's networks ({string.Join(", ", requests.Select(request => request.Network))}); "
                + $"name the network in {NetworksKey}, or remove the label");
        var request = requests[index];
        requests[index] = rest[(request.Network.ToString().Length + 1)..] switch
        {
            "ips" => request with { Ips = Ips(key, value) },
            "mac" => request with { Mac = Mac(key, value) },
            "args" => request with { Args = Args(key, value) },
            var name when name.StartsWith(CapabilityPrefix, StringComparison.Ordinal) && name.Length > CapabilityPrefix.Length =>
                request with
                {
                    Capabilities = new Dictionary<string, JsonElement>(request.Capabilities)
                    {
                        [name[CapabilityPrefix.Length..]] = Json(key, value),
                    },
                },
            var name => throw Invalid(key, $"'{name}' is unknown; a network takes ips, mac, args and capability.NAME"),
        };
    }

    private static string[] Ips(string key, string value)
    {
        var ips = value.Split(',', StringSplitOptions.TrimEntries);
        return ips.FirstOrDefault(ip => !CidrAddress.TryParse(ip, out _) && !AddressText.TryParse(ip, out _)) is { } wrong
            ? throw Invalid(key, $"'{wrong}' is not an address, such as 10.1.0.5/16; separate several with ','")
            : ips;
    }

    private static string Mac(string key, string value) =>
        PhysicalAddress.TryParse(value, out var mac) && mac.GetAddressBytes().Length == 6 && value.Count(c => c == ':') == 5
            ? value.ToLowerInvariant()
            : throw Invalid(key, $"'{value}' is not a MAC, such as 02:00:00:00:00:01");

    private static IReadOnlyList<KeyValuePair<string, string>> Args(string key, string value)
    {
        try
        {
            return AttachmentRequest.ParseArgs(value);
        }
        catch (CniConfigException fault)
        {
            throw Invalid(key, fault.Message);
        }
    }

    private static JsonElement Json(string key, string value)
    {
        try
        {
            return UserJson.Parse(value);
        }
        catch (FormatException fault)
        {
            throw Invalid(key, $"it {fault.Message}");
        }
    }

    /// <summary>The error for a label. The reason includes a solution.</summary>
    public static RefusedException Invalid(string label, string reason) => new($"label {label}: {reason}");
}
