using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Cache;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Engine;
using DockerDriver.HostPorts;
using DockerDriver.Lists;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>An attachment in CniCore's cache.</summary>
/// <param name="Attachment">The attachment.</param>
/// <param name="Container">The label container that owns it; null otherwise.</param>
/// <param name="Endpoint">The endpoint that owns it; null otherwise.</param>
/// <param name="Reservation">The reservation of the IPAM driver that owns it; null otherwise.</param>
/// <param name="Names">Docker's names.</param>
internal sealed record AttachmentItem(
    Attachment Attachment, StoredContainer? Container, StoredEndpoint? Endpoint, StoredReservation? Reservation,
        EngineNames Names) : IInventoryItem
{
    // The engine lists a container's endpoints when it has started; until then the recorded name is used.
    private string? Name => Container?.Name ?? Names.Containers.GetValueOrDefault(Attachment.ContainerId).Name
        ?? new[] { Endpoint?.ContainerName, Reservation?.ContainerName }.FirstOrDefault(name => !string.IsNullOrEmpty(name));

    private string? DockerNetwork => Endpoint is null ? null : Names.Networks.GetValueOrDefault(Endpoint.NetworkId);

    private string? AddFault => Attachment.AddFault ?? Container?.AddFault ?? Endpoint?.AddFault;

    private string? Remark => Container?.Remark ?? Endpoint?.Remark;

    private string? Fault => Attachment.Fault ?? Container?.Fault ?? Endpoint?.Fault;

    private int FailedDels => Math.Max(Container?.FailedDels ?? 0, Attachment.FailedDels);

    private IEnumerable<string> Types =>
        Attachment.List.Plugins.Select(plugin => plugin.Type.ToString());

    public bool IsNamed(string id) =>
        Attachment.Network == id || Name == id || DockerNetwork == id || Attachment.ContainerId.StartsWith(id, StringComparison.Ordinal)
        || Names.Containers.GetValueOrDefault(Attachment.ContainerId).Id?.StartsWith(id, StringComparison.Ordinal) == true;

    public string[] Row() =>
    [
        DockerNetwork ?? Attachment.Network,
        ShortId.Of(Attachment.ContainerId),
        Name ?? "-",
        Attachment.IfName,
        Attachment.Result is { Ips.Count: > 0 } result ? string.Join(", ", result.Ips.Select(ip => ip.Address)) : "-",
        Phase,
        PluginNames.Text(Types, Attachment.Builtins),
    ];

    public IEnumerable<string> Notes() =>
        new[] { Published, Opened, Remark, AddFault is { } add
            ? $"ADD failed: {add}"
            : null, Fault, Endpoint?.Drift, Retries, Release }.OfType<string>();

    public JsonObject Json() => new()
    {
        ["network"] = Attachment.Network,
        ["containerId"] = Attachment.ContainerId,
        ["name"] = Name,
        ["dockerNetwork"] = DockerNetwork,
        ["ifName"] = Attachment.IfName,
        ["netns"] = Attachment.NetNs,
        ["ports"] = new JsonArray([.. Ports.Select(Json)]),
        ["openPorts"] = new JsonArray([.. (Endpoint?.OpenPorts ?? []).Select(Json)]),
        ["remark"] = Remark,
        ["phase"] = Phase,
        ["addFault"] = AddFault,
        ["fault"] = Fault,
        ["drift"] = Endpoint?.Drift,
        ["failedDels"] = FailedDels,
        ["done"] = new JsonArray([.. Done.Select(type => (JsonNode)type)]),
        ["nextTry"] = Container?.NextTry ?? Endpoint?.NextTry,
        ["createdAt"] = Attachment.CreatedAt,
        ["plugins"] = PluginNames.Json(Types, Attachment.Builtins),
        ["args"] = Attachment.Args,
        ["capabilities"] = new JsonObject(Attachment.Capabilities.Select(capability =>
            KeyValuePair.Create<string, JsonNode?>(capability.Key, JsonNode.Parse(capability.Value.GetRawText())))),
        ["result"] = Attachment.Result is { } result ? JsonNode.Parse(result.ToJson(result.CniVersion)) : null,
        ["list"] = JsonNode.Parse(Attachment.List.ToJson()),
    };

    // The plugins whose DEL has succeeded.
    private IEnumerable<string> Done => (Attachment.Done ?? []).Select(at => Types.ElementAt(at));

    private string? Release => FailedDels > 0 ? $"cnid release --force {ShortId.Of(Attachment.ContainerId)} forgets it" : null;

    // The port mappings that its portmap plugin got.
    private IReadOnlyList<PublishedPort> Ports =>
        Attachment.Capabilities.TryGetValue(CapabilityNames.PortMappings, out var ports) ? AttachmentPlan.Ports(ports) : [];

    private string? Published => Ports.Count > 0 ? $"publishes {PortRanges.Text(Ports)}" : null;

    private string? Opened => Endpoint?.OpenPorts is { Count: > 0 } open ? $"open on its own address: {string.Join(", ", open)}" : null;

    private static JsonNode Json(PublishedPort port) =>
        new JsonObject
        {
            ["protocol"] = port.Protocol, ["hostIp"] = port.HostIp, ["hostPort"] = port.HostPort,
            ["containerPort"] = port.ContainerPort
        };

    private static JsonNode Json(OpenPort port) =>
        new JsonObject { ["address"] = port.Address, ["protocol"] = port.Protocol, ["port"] = port.Port };

    private string? Retries =>
        (Container?.NextTry ?? Endpoint?.NextTry, Container?.FailedDels ?? Endpoint?.FailedDels) is ({ } next, > 0 and var failed)
        ? $"DEL has failed {failed} time{(failed == 1 ? "" : "s")}; next try at "
            + $"{next.ToLocalTime():T}{(Container is null ? "" : $", or by cnid gc {Attachment.Network}")}"
        : null;

    private string Phase => JsonNamingPolicy.CamelCase.ConvertName(Attachment.Phase.ToString());
}
