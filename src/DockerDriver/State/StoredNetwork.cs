using System.Text.Json.Serialization;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>
/// A Docker network as CreateNetwork made it. Docker never repeats that call, so this file is all that knows it after a restart.
/// </summary>
internal sealed record StoredNetwork : IStored
{
    private const int ForgetfulEngine = 29;

    public int Schema { get; init; } = 1;

    /// <summary>Docker's id, 64 hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// The network list as it was then, at the version its plugins agreed on. For a generated network: without the addresses, which each
    /// endpoint brings.
    /// </summary>
    public required NetworkList List
    {
        get => Bridge is null ? field : field with { PrefersBuiltins = true }; // a generated list runs in process where it can
        init;
    }

    /// <summary>
    /// The file its list came from; null for one that was generated or given inline, and for networks of a cnid that did not note it.
    /// </summary>
    public string? Source { get; init; }

    /// <summary>What the list was generated from; null for an administrator's list.</summary>
    public GeneratedBridge? Bridge { get; init; }

    /// <summary>The host address on which a port is published that names none; null for all.</summary>
    public string? HostBinding { get; init; }

    /// <summary>What the containers' interfaces are called, without the number; null for <c>eth</c>.</summary>
    public string? InterfacePrefix { get; init; }

    /// <summary>The list's own IPAM chooses the addresses (<c>--ipam-driver null</c>).</summary>
    [JsonPropertyName("listChooses")]
    public bool UsesListIpam { get; init; }

    /// <summary>The pools of cnid's IPAM driver that it has its addresses from; empty for any other network.</summary>
    public IReadOnlyList<string> Pools { get; init; } = [];

    /// <summary>The addresses of those pools that <c>--aux-address</c> keeps free: reserved, and no container's.</summary>
    [JsonPropertyName("auxiliary")]
    public IReadOnlyList<string> AuxAddresses { get; init; } = [];

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// The engine that has it: only if that one has it no more, it is gone. Null until it was seen there, and for networks of cnid 0.1.
    /// </summary>
    public EngineIdentity? Engine { get; init; }

    /// <summary>That engine's major version, when it was asked last; 0 until then.</summary>
    public int EngineMajor { get; init; }

    /// <summary>
    /// Whether ADD runs in CreateEndpoint, where its failure is, and not in Join. The list's IPAM chooses, and only CreateEndpoint's answer
    /// can tell an address; or the engine is one that takes a network from the container whose start fails at a later call (moby
    /// daemon/container_operations.go, connectToNetwork, since 29): its next start would run without.
    /// </summary>
    public bool AddsEarly => UsesListIpam || EngineMajor >= ForgetfulEngine;

    public NetworkPhase Phase { get; init; }

    /// <summary>When it was rebuilt from what the engine had kept, the state of cnid being lost; null where it was not.</summary>
    public DateTimeOffset? RebuiltAt { get; init; }

    /// <summary>What an administrator should know of it; null for nothing.</summary>
    public string? Remark { get; init; }

    public string ListName => List.Name.ToString();
}
