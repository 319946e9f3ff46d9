using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// An endpoint, from CreateEndpoint until its DEL has succeeded. What ADD was given and what it returned is in CniCore's attachment cache,
/// by the same id. The id is Docker's endpoint id: Docker does not tell a driver the container's id.
/// </summary>
internal sealed record StoredEndpoint : StoredAttachment
{
    private static readonly Dictionary<string, string> None = [];

    public required string NetworkId { get; init; }

    /// <summary>The name of its network's list. With the id it identifies the attachment when the network no longer exists.</summary>
    public required string ListName { get; init; }

    /// <summary>The container's name as of its creation, as Docker 29 tells it to the IPAM driver; empty where it is unknown.</summary>
    public string ContainerName { get; init => field = value ?? ""; } = ""; // null: stored before 0.2

    public EndpointPhase Phase { get; init; }

    /// <summary>The addresses of Docker's IPAM, with prefix length; empty where the list's IPAM assigns them.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];

    /// <summary><c>cni.ips</c>: the addresses to request from the list's IPAM.</summary>
    [JsonPropertyName("wished")]
    public IReadOnlyList<string> RequestedIps { get; init => field = value ?? []; } = [];

    /// <summary>
    /// The <c>ipam</c> section that its ADD gets in place of the list's, because the IPAM driver reserved its addresses before. Null
    /// otherwise.
    /// </summary>
    public JsonElement? Ipam { get; init; }

    /// <summary>The MAC that Docker knows. The container can change it.</summary>
    public string Mac { get; init => field = value ?? ""; } = "";

    /// <summary>
    /// The identity of its interface in any namespace; null until ADD has succeeded, and in records of a version that did not store it.
    /// </summary>
    public LinkIdentity? Link { get; init; }

    /// <summary><c>cni.args</c>, for <c>CNI_ARGS</c>.</summary>
    public IReadOnlyDictionary<string, string> Args { get; init => field = value ?? None; } = None;

    /// <summary><c>cni.capability.NAME</c>: JSON texts by capability.</summary>
    public IReadOnlyDictionary<string, string> Capabilities { get; init => field = value ?? None; } = None;

    /// <summary>
    /// The sysctls that its user set for the interface, by their path under <c>/proc/sys/net</c>, with <c>IFNAME</c> in place of its name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init => field = value ?? None; } = None; // null: stored before 0.2

    /// <summary>The host ports that are reserved for it.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init => field = value ?? []; } = [];

    /// <summary>
    /// The port bindings of <c>-p</c>, in libnetwork's form; this network may publish only some of them. Null until it first published.
    /// </summary>
    [JsonPropertyName("asked")]
    public JsonElement? RequestedPorts { get; init; }

    /// <summary>The published ports that are reached on the container's own address.</summary>
    public IReadOnlyList<OpenPort> OpenPorts { get; init => field = value ?? []; } = []; // null: stored before 0.2

    /// <summary>The requested name of its interface in the sandbox; null for Docker's. Docker applies it from 29.8 on.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>A message for its user; null for none.</summary>
    public string? Remark { get; init; }

    /// <summary>Path of the sandbox, from Join on. Leave does not repeat it.</summary>
    public string SandboxKey { get; init => field = value ?? ""; } = "";

    /// <summary>What ADD left in the holding namespace; null where there was none, and until ADD has succeeded.</summary>
    [JsonPropertyName("belongings")]
    public NetnsDelta? NetnsDelta { get; init; }

    /// <summary>The netns delta has been applied to the sandbox. Later changes in it are the container's own.</summary>
    [JsonPropertyName("isCarriedOver")]
    public bool IsReplayed { get; init; }

    /// <summary>Its address is a lease of a DHCP server.</summary>
    public bool IsLeased { get; init; }

    /// <summary>
    /// The name of the sandbox's interface from which the lease is renewed; null where there is no lease, or where it is not renewed from
    /// the sandbox yet.
    /// </summary>
    [JsonPropertyName("leasedAs")]
    public string? LeaseInterface { get; init; }

    /// <summary>What the container has changed about its interface; null where nothing.</summary>
    public string? Drift { get; init; }

    public void Check() => StoredAddresses.Check(Addresses);

    public override bool IsTearingDown => Phase == EndpointPhase.Leaving;

    public override StoredEndpoint WithTeardown() => this with { Phase = EndpointPhase.Leaving, OpenPorts = [] };

    /// <summary>
    /// The interface's name in the host's namespace while it is moved into or out of the sandbox: <c>cni</c> and 12 hex digits, 15 bytes.
    /// </summary>
    public string HostName => "cni" + Id[..Math.Min(12, Id.Length)];
}
