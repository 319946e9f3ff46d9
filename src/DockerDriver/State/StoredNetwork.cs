using System.Text.Json.Serialization;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>
/// A Docker network as CreateNetwork described it. Docker never repeats that call: after a restart this file is the only source.
/// </summary>
internal sealed record StoredNetwork : IStored
{
    private const int FirstToDropNetworks = 29;

    public int Schema { get; init; } = 1;

    /// <summary>Docker's id, 64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// The network list as of its creation, at the version that its plugins agreed on. The list of a generated network has no addresses;
    /// each endpoint adds its own.
    /// </summary>
    public required NetworkList List
    {
        get => Bridge is null ? field : field with { PrefersBuiltins = true }; // a generated list runs in process where it can
        init;
    }

    /// <summary>The file of the list; null for a generated or inline list, and in records of a version that did not store it.</summary>
    public string? Source { get; init; }

    /// <summary>The settings that the list was generated from; null for an administrator's list.</summary>
    public GeneratedBridge? Bridge { get; init; }

    /// <summary>The host address for published ports that name none; null for all.</summary>
    public string? HostBinding { get; init; }

    /// <summary>The prefix of the containers' interface names; null for <c>eth</c>.</summary>
    public string? InterfacePrefix { get; init; }

    /// <summary>The list's own IPAM assigns the addresses (<c>--ipam-driver null</c>).</summary>
    [JsonPropertyName("listChooses")]
    public bool UsesListIpam { get; init; }

    /// <summary>The pools of cnid's IPAM driver that the network uses; empty otherwise.</summary>
    public IReadOnlyList<string> Pools { get; init => field = value ?? []; } = [];

    /// <summary>The <c>--aux-address</c> addresses of those pools: reserved, but assigned to no container.</summary>
    [JsonPropertyName("auxiliary")]
    public IReadOnlyList<string> AuxAddresses { get; init => field = value ?? []; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The engine that has the network: the network is forgotten only if this engine no longer lists it. Null until it was listed, and in
    /// records of cnid 0.1.
    /// </summary>
    public EngineIdentity? Engine { get; init; }

    /// <summary>The major version of that engine when it was last asked; 0 until then.</summary>
    public int EngineMajor { get; init; }

    /// <summary>
    /// Whether ADD runs in CreateEndpoint instead of Join. True where the list's IPAM assigns the addresses, since only CreateEndpoint's
    /// answer can return them; and for engines that remove a network from a container whose start fails in a later call (moby
    /// daemon/container_operations.go, connectToNetwork, since 29), so that the next start would run without the network.
    /// </summary>
    public bool AddsInCreateEndpoint => UsesListIpam || EngineMajor >= FirstToDropNetworks;

    public NetworkPhase Phase { get; init; }

    /// <summary>The record once that engine has listed the network.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="major">Its major version; 0 where it is unknown.</param>
    public StoredNetwork ListedBy(EngineIdentity engine, int major) =>
        this with { Engine = engine, EngineMajor = major, Phase = NetworkPhase.Created };

    /// <summary>When it was rebuilt from the engine's description after the state was lost; null where it was not.</summary>
    public DateTimeOffset? RebuiltAt { get; init; }

    /// <summary>A message for the administrator; null for none.</summary>
    public string? Remark { get; init; }

    public string ListName => List.Name.ToString();

    public void Check() => Bridge?.Check();
}
