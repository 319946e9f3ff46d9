using System.Text.Json.Serialization;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>A subnet of a list's IPAM, as of RequestPool.</summary>
internal sealed record StoredPool : IStored
{
    public int Schema { get; init; } = 1;

    /// <summary>
    /// Docker's PoolID: the list's name, the family, and a hash of the subnet. A list of both families has two pools, since RequestAddress
    /// does not tell the family.
    /// </summary>
    public required string Id { get; init; }

    public required string ListName { get; init; }

    /// <summary>The file that the list was read from; null in records stored before 0.2.</summary>
    public string? Source { get; init; }

    /// <summary>The whole list, for the network that will be created: Docker tells an IPAM driver nothing about the network.</summary>
    public required NetworkList List { get; init; }

    /// <summary>A list with its IPAM plugin only.</summary>
    public required NetworkList IpamList { get; init; }

    /// <summary>
    /// As CreateNetwork gets it; <c>0.0.0.0/0</c> or <c>::/0</c> where the IPAM assigns single addresses without a subnet.
    /// </summary>
    public required string Subnet { get; init; }

    /// <summary>With prefix length; the unspecified address of the family where the IPAM names none.</summary>
    public required string Gateway { get; init; }

    /// <summary>The subnet of the other family; the list assigns an address of both with each ADD. Null where it has one family.</summary>
    public string? OtherSubnet { get; init; }

    /// <summary>The time of the last RequestPool; null after ReleasePool. A network that uses the pool is created after it.</summary>
    [JsonPropertyName("askedAt")]
    public DateTimeOffset? RequestedAt { get; init; }

    public void Check() => _ = (AddressText.ParseNetwork(Subnet), CidrAddress.Parse(Gateway));
}
