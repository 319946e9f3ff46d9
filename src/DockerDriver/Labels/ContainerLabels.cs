using System.Globalization;
using System.Net.NetworkInformation;
using System.Text.Json;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;

namespace DockerDriver.Labels;

/// <summary>A container's <c>cni.</c> labels. Parsed all, or refused with the label and the way out.</summary>
internal sealed class ContainerLabels
{
    public const string Prefix = CniLabels.Prefix;
    public const string NetworksKey = "cni.networks";
    public const string PortsKey = "cni.ports";
    private const string OnFailureKey = "cni.on-failure";
    private const string CapabilityPrefix = "capability.";

    // Names that no interface of a network can have. The last two are folders of /proc/sys/net/ipv4/conf, and the kernel refuses them.
    private static readonly Dictionary<string, string> NamesInUse = new()
    {
        ["lo"] = "the container's loopback interface, which it has already",
        ["all"] = "a name that the kernel uses itself",
        ["default"] = "a name that the kernel uses itself",
    };

    private static readonly string[] Own = [NetworksKey, PortsKey, OnFailureKey];
    private readonly IReadOnlyDictionary<string, string> labels;
    private readonly string networks;

    /// <param name="labels">All of the container's, or those that begin with <c>cni.</c>.</param>
    /// <param name="defaultNetworks">What a container without <c>cni.networks</c> gets; empty for nothing.</param>
    public ContainerLabels(IReadOnlyDictionary<string, string> labels, string defaultNetworks)
    {
        this.labels = labels;
        networks = labels.GetValueOrDefault(NetworksKey, defaultNetworks);
    }

    /// <summary>Who names the networks, for a message.</summary>
    public string NetworksSource => labels.ContainsKey(NetworksKey) ? "label " + NetworksKey : "setting default-networks";

    /// <summary>Whether they are those of the setting <c>default-networks</c>.</summary>
    public bool AreByDefault => !labels.ContainsKey(NetworksKey);

    /// <summary>Whether any network is asked for. <c>cni.networks</c> without a value asks for none, whatever the default.</summary>
    public bool AskForNetworks => networks.Trim().Length > 0;

    /// <summary>
    /// <c>cni.on-failure=keep</c>: the container goes on without its networks. Anything else stops it, a wrong value too.
    /// </summary>
    public bool KeepOnFailure => labels.GetValueOrDefault(OnFailureKey) == "keep";

    /// <exception cref="RefusedException">A label is unknown, or its value not of its form.</exception>
    public ContainerRequest Parse()
    {
        if (labels.TryGetValue(OnFailureKey, out var onFailure) && onFailure is not ("stop" or "keep"))
            throw Wrong(OnFailureKey, $"'{onFailure}' is neither stop nor keep");
        var wishes = Networks();
        foreach (var key in labels.Keys.Where(key => key.StartsWith(Prefix, StringComparison.Ordinal) && !Own.Contains(key))
            .Order(StringComparer.Ordinal))
            Apply(wishes, key, labels[key]);
        return new(wishes, PortLabel.Parse(PortsKey, labels.GetValueOrDefault(PortsKey, "")));
    }

    private List<NetworkRequest> Networks()
    {
        var wishes = new List<NetworkRequest>();
        foreach (var entry in networks.Split(',', StringSplitOptions.TrimEntries))
        {
            var wish = Network(entry, wishes.Count);
            if (wishes.Any(other => other.Network == wish.Network))
                throw Refused($"{wish.Network} is named twice; a container is on a network once");
            if (wishes.FirstOrDefault(other => other.IfName == wish.IfName) is { } taken)
                throw Refused($"{taken.Network} and {wish.Network} would both be {wish.IfName}; give one another name: "
                    + $"{wish.Network}@eth{wishes.Count + 1}");
            wishes.Add(wish);
        }
        return wishes;
    }

    private NetworkRequest Network(string entry, int position)
    {
        var parts = entry.Split('@');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0))
            throw Refused($"'{entry}' is not NETWORK or NETWORK@INTERFACE; several are joined with ','");
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

    // A network's name may have dots: of those that fit, the longest is meant.
    private static void Apply(List<NetworkRequest> wishes, string key, string value)
    {
        var rest = key[Prefix.Length..];
        var index = wishes.Index()
            .Where(one => rest.StartsWith(one.Item.Network + ".", StringComparison.Ordinal))
            .OrderByDescending(one => one.Item.Network.ToString().Length)
            .Select(one => one.Index).FirstOrDefault(-1);
        if (index < 0)
            throw Wrong(key, $"it is about none of the container's networks ({string.Join(", ", wishes.Select(wish => wish.Network))}); "
                + $"name the network in {NetworksKey}, or remove the label");
        var wish = wishes[index];
        wishes[index] = rest[(wish.Network.ToString().Length + 1)..] switch
        {
            "ips" => wish with { Ips = Ips(key, value) },
            "mac" => wish with { Mac = Mac(key, value) },
            "args" => wish with { Args = Args(key, value) },
            var name when name.StartsWith(CapabilityPrefix, StringComparison.Ordinal) && name.Length > CapabilityPrefix.Length =>
                wish with { Capabilities = new Dictionary<string, JsonElement>(
                    wish.Capabilities) { [name[CapabilityPrefix.Length..]] = Json(key, value) } },
            var name => throw Wrong(key, $"'{name}' is nothing a network takes; it takes ips, mac, args and capability.NAME"),
        };
    }

    private static string[] Ips(string key, string value)
    {
        var ips = value.Split(',', StringSplitOptions.TrimEntries);
        return ips.FirstOrDefault(ip => !CidrAddress.TryParse(ip, out _) && !AddressText.TryParse(ip, out _)) is { } wrong
            ? throw Wrong(key, $"'{wrong}' is not an address, such as 10.1.0.5/16; several are joined with ','")
            : ips;
    }

    private static string Mac(string key, string value) =>
        PhysicalAddress.TryParse(value, out var mac) && mac.GetAddressBytes().Length == 6 && value.Count(c => c == ':') == 5
            ? value.ToLowerInvariant()
            : throw Wrong(key, $"'{value}' is not a MAC, such as 02:00:00:00:00:01");

    private static IReadOnlyList<KeyValuePair<string, string>> Args(string key, string value)
    {
        try
        {
            return AttachmentRequest.ParseArgs(value);
        }
        catch (CniConfigException fault)
        {
            throw Wrong(key, fault.Message);
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
            throw Wrong(key, $"it {fault.Message}");
        }
    }

    /// <summary>Names the label. The rest is the way out.</summary>
    public static RefusedException Wrong(string label, string reason) => new($"label {label}: {reason}");
}
