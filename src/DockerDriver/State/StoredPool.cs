using System.Text.Json.Serialization;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>A subnet of a list's IPAM, as it was when Docker asked for the pool.</summary>
internal sealed record StoredPool : IStored
{
    public int Schema { get; init; } = 1;

    /// <summary>
    /// Docker's PoolID: the list's name, the family, and a hash of the subnet. The two families of a list are two pools: an address is
    /// asked for without its family.
    /// </summary>
    public required string Id { get; init; }

    public required string ListName { get; init; }

    /// <summary>The file that the list was read from; null in files of a cnid before 0.2.</summary>
    public string? Source { get; init; }

    /// <summary>The whole list, which is that of the network to come: Docker tells its IPAM nothing of the network.</summary>
    public required NetworkList List { get; init; }

    /// <summary>A list of its IPAM plugin alone.</summary>
    public required NetworkList IpamList { get; init; }

    /// <summary>
    /// As CreateNetwork has it again; <c>0.0.0.0/0</c> or <c>::/0</c> where the IPAM gives single addresses of no subnet.
    /// </summary>
    public required string Subnet { get; init; }

    /// <summary>With prefix length; that of a subnet of all addresses where the IPAM names none.</summary>
    public required string Gateway { get; init; }

    /// <summary>
    /// The subnet of the other family, of which the list gives an address with every one of this; null where it has one family.
    /// </summary>
    public string? OtherSubnet { get; init; }

    /// <summary>
    /// When Docker last asked for it; null once it has let go again. A network that has it was created later, or is to come.
    /// </summary>
    [JsonPropertyName("askedAt")]
    public DateTimeOffset? RequestedAt { get; init; }
}
