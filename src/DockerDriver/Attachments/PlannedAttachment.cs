using System.Text.Json;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.Lists;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>A requested network and its list: the arguments of ADD, and the check of its result.</summary>
internal sealed class PlannedAttachment
{
    private readonly NetworkList list;

    private PlannedAttachment(NetworkRequest requested, NetworkList list) => (Requested, this.list) = (requested, list);

    public NetworkRequest Requested { get; }

    /// <summary>The list as it was read.</summary>
    public NetworkList List => list;

    /// <summary>Whether a plugin has the capability <c>portMappings</c>.</summary>
    public bool CanPublishPorts => HasCapability(CapabilityNames.PortMappings);

    /// <summary>Finds the list.</summary>
    /// <exception cref="CniConfigException">No list has that name.</exception>
    /// <exception cref="RefusedException">A label sets a capability that no plugin of the list has.</exception>
    public static PlannedAttachment Resolve(NetworkRequest requested, NetworkListFolder folder)
    {
        var plan = new PlannedAttachment(requested, folder.Find(requested.Network));
        if (requested.Capabilities.Keys.FirstOrDefault(name => !plan.HasCapability(name)) is { } unknown)
            throw ContainerLabels.Invalid($"cni.{requested.Network}.capability.{unknown}",
                $"no plugin of the list {requested.Network} has it; add "
                + $"\"capabilities\":{{\"{unknown}\":true}} to the plugin, or remove the label");
        return plan;
    }

    /// <summary>The arguments of its ADD.</summary>
    public (NetworkList List, AttachmentRequest Request) For(string container, string netns, IReadOnlyList<PublishedPort> ports)
    {
        var capabilities = new Dictionary<string, JsonElement>(Requested.Capabilities);
        if (ports.Count > 0)
            capabilities[CapabilityNames.PortMappings] = ListJson.Element(AttachmentPlan.Mappings(ports));
        return Addresses.ApplyTo(list, new()
        {
            ContainerId = ContainerId.Parse(container),
            NetNs = netns,
            IfName = Requested.IfName,
            Args = Requested.Args,
            Capabilities = capabilities,
        });
    }

    /// <exception cref="RefusedException">The result lacks what a label requests: the plugins do not support the request.</exception>
    public void RefuseUnrequested(CniResult result)
    {
        if (Addresses.FirstMissingFrom(result) is { } missing)
            throw ContainerLabels.Invalid($"cni.{Requested.Network}.ips", $"the IPAM of {Requested.Network} assigned "
                + $"{string.Join(", ", result.Ips.Select(ip => ip.Address.Address))}, not {missing}; use an IPAM that "
                    + "supports address requests (host-local, static), or remove the label");
        var mac = result.Interfaces.FirstOrDefault(link => link.Name == Requested.IfName.ToString()
            && !string.IsNullOrEmpty(link.Sandbox))?.Mac;
        if (Requested.Mac.Length > 0 && !string.IsNullOrEmpty(mac)
            && !string.Equals(mac, Requested.Mac, StringComparison.OrdinalIgnoreCase))
            throw ContainerLabels.Invalid($"cni.{Requested.Network}.mac", $"the plugins of {Requested.Network} set {mac}; add "
                + $"\"capabilities\":{{\"mac\":true}} to the plugin that creates the interface, or remove the label");
    }

    /// <summary>Whether ADD may assign IPv6: it is requested, or the list has an IPv6 address.</summary>
    public bool MayAddIPv6 => Requested.Ips.Any(ip => ip.Contains(':', StringComparison.Ordinal))
        || list.Plugins.SelectMany(plugin => AllStrings(plugin.Json)).Any(IsIPv6);

    private AddressRequest Addresses => new(Requested.Ips, Requested.Mac) { IsExplicit = true };

    private bool HasCapability(string capability) => list.Plugins.Any(plugin => plugin.Capabilities.Contains(capability));

    private static bool IsIPv6(string text) =>
        text.Contains(':', StringComparison.Ordinal) && AddressText.TryParse(text.Split('/')[0], out var address)
            && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    private static IEnumerable<string> AllStrings(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(AllStrings),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => AllStrings(property.Value)),
        _ => [],
    };
}
