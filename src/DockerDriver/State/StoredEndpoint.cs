using System.Text.Json;
using System.Text.Json.Serialization;

namespace DockerDriver.State;

/// <summary>
/// An endpoint of Docker's, from CreateEndpoint until its DEL has succeeded. What ADD was given and answered is in CniCore's attachment,
/// under the same id, Docker's id of the endpoint: Docker never tells the container's own.
/// </summary>
internal sealed record StoredEndpoint : StoredAttachment
{
    private static readonly Dictionary<string, string> None = [];

    public required string NetworkId { get; init; }

    /// <summary>The name of its network's list: with the id, what CniCore finds the attachment by when the network is gone.</summary>
    public required string ListName { get; init; }

    /// <summary>
    /// The container's name, as Docker 29 has said it when the IPAM driver was asked for its address; empty where it was not. A container
    /// that is renamed keeps it here.
    /// </summary>
    public string ContainerName { get; init => field = value ?? ""; } = ""; // null: of a cnid before 0.2

    public EndpointPhase Phase { get; init; }

    /// <summary>The addresses Docker's IPAM chose, with prefix length; empty where the list's IPAM chooses.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary><c>cni.ips</c>: those the list's IPAM is asked for where it chooses.</summary>
    [JsonPropertyName("wished")]
    public IReadOnlyList<string> RequestedIps { get; init; } = [];

    /// <summary>
    /// The <c>ipam</c> section its ADD gets instead of the list's: its addresses were reserved before, by the IPAM driver. Null for any
    /// other endpoint.
    /// </summary>
    public JsonElement? Ipam { get; init; }

    /// <summary>The MAC Docker knows for it. The container can set another one.</summary>
    public string Mac { get; init; } = "";

    /// <summary>
    /// What its interface is known by wherever it is; null until ADD has succeeded, and for one of a cnid that did not note it.
    /// </summary>
    public LinkIdentity? Link { get; init; }

    /// <summary><c>cni.args</c>, as <c>CNI_ARGS</c> takes them.</summary>
    public IReadOnlyDictionary<string, string> Args { get; init; } = new Dictionary<string, string>();

    /// <summary><c>cni.capability.NAME</c>: JSON texts by capability.</summary>
    public IReadOnlyDictionary<string, string> Capabilities { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Sysctls of the interface that its user asks for, by their path under <c>/proc/sys/net</c>, with <c>IFNAME</c> for its name.
    /// </summary>
    public IReadOnlyDictionary<string, string> Sysctls { get; init => field = value ?? None; } = None; // null: of a cnid before 0.2

    /// <summary>The host ports that were taken for it.</summary>
    public IReadOnlyList<PublishedPort> Ports { get; init; } = [];

    /// <summary>
    /// What <c>-p</c> asks for, in libnetwork's words: not all of it may be this network's to carry. Null until it was first published.
    /// </summary>
    [JsonPropertyName("asked")]
    public JsonElement? RequestedPorts { get; init; }

    /// <summary>Ports that are reached by its container's own address.</summary>
    public IReadOnlyList<OpenPort> OpenPorts { get; init => field = value ?? []; } = []; // null: of a cnid before 0.2

    /// <summary>What its interface is to be called inside; null for what Docker calls it, which heeds this from 29.8 on.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>What its user should know of it; null for nothing.</summary>
    public string? Remark { get; init; }

    /// <summary>Path of the sandbox, known from Join on. Leave does not say it again.</summary>
    public string SandboxKey { get; init; } = "";

    /// <summary>What its ADD left in the holding namespace; null where there was none, and until ADD has succeeded.</summary>
    [JsonPropertyName("belongings")]
    public NetnsDelta? NetnsDelta { get; init; }

    /// <summary>They are in the sandbox: what is changed there from now on is the container's own doing.</summary>
    [JsonPropertyName("isCarriedOver")]
    public bool IsReplayed { get; init; }

    /// <summary>Its address is a lease of a DHCP server's.</summary>
    public bool IsLeased { get; init; }

    /// <summary>
    /// The name of the sandbox's interface from which its lease is renewed; null where there is none, or it has not followed yet.
    /// </summary>
    [JsonPropertyName("leasedAs")]
    public string? LeaseInterface { get; init; }

    /// <summary>What its container has done to its interface; null where it is as it was given.</summary>
    public string? Drift { get; init; }

    public override bool IsEnding => Phase == EndpointPhase.Leaving;

    public override StoredEndpoint Ending() => this with { Phase = EndpointPhase.Leaving, OpenPorts = [] };

    /// <summary>
    /// The name its interface has in the host's namespace on the way into the sandbox and back: <c>cni</c> and 12 hex digits, 15 bytes.
    /// </summary>
    public string HostName => "cni" + Id[..Math.Min(12, Id.Length)];
}
