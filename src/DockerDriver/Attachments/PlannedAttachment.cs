using System.Text.Json;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.Lists;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>A wish and the list it names: what ADD is given, and whether its answer is what was asked for.</summary>
internal sealed class PlannedAttachment
{
    private readonly NetworkList list;

    private PlannedAttachment(NetworkRequest wish, NetworkList list) => (Wish, this.list) = (wish, list);

    public NetworkRequest Wish { get; }

    /// <summary>The list, as it was read.</summary>
    public NetworkList List => list;

    /// <summary>Whether it can publish ports.</summary>
    public bool TakesPorts => Takes(CapabilityNames.PortMappings);

    /// <summary>Finds the list.</summary>
    /// <exception cref="CniConfigException">There is none of the name.</exception>
    /// <exception cref="RefusedException">A label gives a capability that no plugin of it takes.</exception>
    public static PlannedAttachment Resolve(NetworkRequest wish, NetworkListFolder folder)
    {
        var plan = new PlannedAttachment(wish, folder.Find(wish.Network));
        if (wish.Capabilities.Keys.FirstOrDefault(name => !plan.Takes(name)) is { } unknown)
            throw ContainerLabels.Wrong($"cni.{wish.Network}.capability.{unknown}", $"no plugin of the list {wish.Network} takes it; add "
                + $"\"capabilities\":{{\"{unknown}\":true}} to the one that is meant, or remove the label");
        return plan;
    }

    /// <summary>What its ADD is given.</summary>
    public (NetworkList List, AttachmentRequest Request) For(string container, string netns, IReadOnlyList<PublishedPort> ports)
    {
        var capabilities = new Dictionary<string, JsonElement>(Wish.Capabilities);
        if (ports.Count > 0)
            capabilities[CapabilityNames.PortMappings] = ListJson.Element(AttachmentPlan.Mappings(ports));
        return Addresses.In(list, new()
        {
            ContainerId = ContainerId.Parse(container),
            NetNs = netns,
            IfName = Wish.IfName,
            Args = Wish.Args,
            Capabilities = capabilities,
        });
    }

    /// <exception cref="RefusedException">It is not what a label asked for: the plugins take no such wish.</exception>
    public void RefuseOther(CniResult result)
    {
        if (Addresses.FirstMissingFrom(result) is { } missing)
            throw ContainerLabels.Wrong($"cni.{Wish.Network}.ips", $"the IPAM of {Wish.Network} gave "
                + $"{string.Join(", ", result.Ips.Select(ip => ip.Address.Address))}, not {missing}; use one that takes wishes "
                    + "(host-local, static), or remove the label");
        var mac = result.Interfaces.FirstOrDefault(one => one.Name == Wish.IfName.ToString() && !string.IsNullOrEmpty(one.Sandbox))?.Mac;
        if (Wish.Mac.Length > 0 && !string.IsNullOrEmpty(mac) && !string.Equals(mac, Wish.Mac, StringComparison.OrdinalIgnoreCase))
            throw ContainerLabels.Wrong($"cni.{Wish.Network}.mac", $"the plugins of {Wish.Network} gave {mac}; add "
                + $"\"capabilities\":{{\"mac\":true}} to the one that is meant, or remove the label");
    }

    /// <summary>Whether IPv6 may be given: it is asked for, or the list speaks of it.</summary>
    public bool MayGiveIPv6 => Wish.Ips.Any(ip => ip.Contains(':', StringComparison.Ordinal))
        || list.Plugins.SelectMany(plugin => Texts(plugin.Json)).Any(IsIPv6);

    private AddressRequest Addresses => new(Wish.Ips, Wish.Mac) { IsByHand = true };

    private bool Takes(string capability) => list.Plugins.Any(plugin => plugin.Capabilities.Contains(capability));

    private static bool IsIPv6(string text) =>
        text.Contains(':', StringComparison.Ordinal) && AddressText.TryParse(text.Split('/')[0], out var address)
            && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;

    private static IEnumerable<string> Texts(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(property => Texts(property.Value)),
        _ => [],
    };
}
