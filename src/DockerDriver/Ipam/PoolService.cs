using System.Security.Cryptography;
using System.Text;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.Ipam;

/// <summary>RequestPool and ReleasePool. A pool is the subnet of a list's IPAM; a list has one per family.</summary>
internal sealed partial class PoolService(
    Settings settings,
    StateFolder<StoredPool> pools,
    StateFolder<StoredNetwork> networks,
    ReservationLifecycle reservations,
    CniRuntime runtime,
    TimeProvider clock,
    ILogger<PoolService> log)
{
    // From RequestPool until CreateNetwork.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    public async Task<RequestPoolResponse> RequestAsync(RequestPoolRequest call, CancellationToken cancel)
    {
        var list = new NetworkListFolder(settings.ConfDir).Find(NetworkName.Parse(PoolOptions.ListName(call)));
        var ipam = ListIpam.Of(list);
        PoolOptions.RefuseUnfit(list, ipam);
        var ipamList = await runtime.NegotiateAsync(IpamList.Of(list, ipam.Type!), cancel);
        var subnets = await SubnetsAsync(list, ipam, ipamList, cancel);
        var subnet = PoolOptions.Choose(list, subnets, call);

        var pool = new StoredPool
        {
            Id = IdOf(list, subnet),
            ListName = list.Name.ToString(),
            Source = list.Source,
            List = list,
            IpamList = ipamList,
            Subnet = subnet.Network.ToString(),
            Gateway = subnet.Gateway?.ToString() ?? (subnet.IsIPv6 ? "::/0" : "0.0.0.0/0"),
            OtherSubnet = subnets.FirstOrDefault(other => other.IsIPv6 != subnet.IsIPv6)?.Network.ToString(),
            RequestedAt = clock.GetUtcNow(),
        };
        if (string.IsNullOrEmpty(call.Pool) && IsPending(pool.Id))
            throw Overlapping(pool);
        pools.Save(pool);
        Opened(pool.Id, pool.Subnet, pool.ListName);
        return new(pool.Id, pool.Subnet, new Dictionary<string, string> { [NetLabel.Gateway] = pool.Gateway });
    }

    /// <summary>ReleasePool: comes before DeleteNetwork, which removes the pool; and after a refused CreateNetwork.</summary>
    public void Release(ReleasePoolRequest call)
    {
        if (pools.Find(call.PoolId) is { } pool)
            RemoveOrUnpin(pool);
    }

    /// <summary>Removes pools for which no CreateNetwork came.</summary>
    public void RemoveForgotten()
    {
        foreach (var pool in pools.All.Where(pool => pool.RequestedAt is { } asked && clock.Since(asked) > Grace && IsPending(pool.Id)))
            RemoveOrUnpin(pool);
    }

    private void RemoveOrUnpin(StoredPool pool)
    {
        if (networks.All.Any(network => network.Pools.Contains(pool.Id)))
            pools.Save(pool with { RequestedAt = null });
        else
            pools.Remove(pool.Id);
    }

    private bool IsPending(string id) =>
        pools.Find(id) is { RequestedAt: { } requested }
        && !networks.All.Any(network => network.Pools.Contains(id) && network.CreatedAt >= requested);

    // Up to Docker 26 libnetwork requests a pool repeatedly until it overlaps no route of the host (network.go, requestPoolHelper). A list
    // has only one; a pool with an explicit subnet is accepted as it is. The pool is released with this answer.
    private RefusedException Overlapping(StoredPool pool)
    {
        RemoveOrUnpin(pool);
        return new($"{pool.Subnet} of the list '{pool.ListName}' overlaps a route of this host (maybe of the list's own bridge), so "
            + $"that Docker requests another pool, and the list has none: add --subnet {pool.Subnet}");
    }

    // For an IPAM whose configuration has no subnets, the subnet of an address that it assigns, and that is released at once.
    private async Task<IReadOnlyList<PoolSubnet>> SubnetsAsync(
        NetworkList list, ListIpam ipam, NetworkList ipamList, CancellationToken cancel)
    {
        if (ipam.Subnets.Count > 0)
            return [.. ipam.Subnets.Select(subnet => new PoolSubnet(subnet.Network, new(subnet.Gateway, subnet.Network.PrefixLength)))
                .Distinct()];
        var (reservation, result) = await reservations.AddAsync(ipamList, requested: null, container: "", cancel);
        await reservations.DeleteAsync(reservation);
        Asked(list.Name.ToString(), string.Join(", ", reservation.Addresses));
        return [.. result.Ips.Select(PoolSubnet.FromAddress).Distinct()];
    }

    private static string IdOf(NetworkList list, PoolSubnet subnet)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subnet.Network.ToString())))[..12];
        return $"{list.Name}-{(subnet.IsIPv6 ? 6 : 4)}-{hash}";
    }

    [LoggerMessage(LogLevel.Information, "pool {Id}: {Subnet} of the list {List}")]
    private partial void Opened(string id, string subnet, string list);

    [LoggerMessage(LogLevel.Information, "list {List}: its IPAM assigned {Addresses} to determine its subnets")]
    private partial void Asked(string list, string addresses);
}
