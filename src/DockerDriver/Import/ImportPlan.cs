using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.NetworkDriver;

namespace DockerDriver.Import;

/// <summary>The Docker network that a list becomes: what <c>docker network create</c> has to be told.</summary>
internal sealed record ImportPlan
{
    private const string StandsAside = "null";

    // runconfig.IsPreDefinedNetwork
    private static readonly HashSet<string> Predefined = ["bridge", "host", "none", "default"];

    public required string Name { get; init; }

    /// <summary>The network driver: cnid, by the name of its socket.</summary>
    public required string Driver { get; init; }

    public required string ListName { get; init; }

    /// <summary>Null for Docker's own.</summary>
    public string? IpamDriver { get; init; }

    /// <summary>Docker's pools; empty where Docker has none, or may take any.</summary>
    public IReadOnlyList<ListSubnet> Pools { get; init; } = [];

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>What cnid's IPAM driver has to be told.</summary>
    public IReadOnlyDictionary<string, string> IpamOptions => IpamDriver is null or StandsAside
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { [NetworkOptions.ListKey] = ListName };

    public bool HasIPv6Pool => Pools.Any(pool => pool.Network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);

    /// <param name="list">A list that is usable.</param>
    /// <param name="from">Null for what suits its IPAM.</param>
    /// <exception cref="RefusedException">Its addresses cannot come from there.</exception>
    public static ImportPlan For(NetworkList list, string name, string driver, AddressSource? from,
        IReadOnlyDictionary<string, string> labels)
    {
        if (name.Trim().Length == 0 || Predefined.Contains(name))
            throw new RefusedException("Docker takes no network named "
                + $"'{name}'{(Predefined.Contains(name) ? ": it keeps that name for itself" : "")}; give this one another name with --as "
                    + "NAME");
        var ipam = ListIpam.Of(list);
        // it gives what it is asked for, and nothing unasked
        var isAsked = ipam is { Type: "static", HasFixedAddresses: false, Chooser: null };
        var source = from ?? (isAsked ? AddressSource.Docker : AddressSource.List);
        var plan = new ImportPlan { Name = name, Driver = driver, ListName = list.Name.ToString(), Labels = labels };
        if (source == AddressSource.Docker)
            return plan with { Pools = PoolsOf(list, ipam) };
        if (isAsked)
            throw new RefusedException($"the list {list.Name} gives no address of its own (static, without addresses): let Docker "
                + "choose, with --addresses docker");
        return source == AddressSource.List && SuitsDocker(ipam)
            ? plan with { IpamDriver = driver, Pools = ipam.Subnets }
            : plan with { IpamDriver = StandsAside };
    }

    /// <summary>The command that does the same, as a shell takes it.</summary>
    public string CommandLine()
    {
        List<string> words = ["docker", "network", "create", "-d", Driver, "-o", $"{NetworkOptions.ListKey}={ListName}"];
        if (IpamDriver is { } ipam)
            words.AddRange(["--ipam-driver", ipam]);
        foreach (var (option, value) in IpamOptions)
            words.AddRange(["--ipam-opt", $"{option}={value}"]);
        if (HasIPv6Pool)
            words.Add("--ipv6");
        foreach (var pool in Pools)
            words.AddRange(["--subnet", $"{pool.Network}", "--gateway", $"{pool.Gateway}"]);
        foreach (var (label, value) in Labels)
            words.AddRange(["--label", $"{label}={value}"]);
        return string.Join(' ', words.Append(Name).Select(ShellWord.Quote));
    }

    // Docker 20 to 27 has no network without IPv4, and no engine a gateway outside of its subnet.
    private static bool SuitsDocker(ListIpam ipam) =>
        ipam.Subnets.All(subnet => subnet.Network.Contains(subnet.Gateway)) &&
        ipam.Subnets.Select(subnet => subnet.Network.BaseAddress.AddressFamily).ToList() is { Count: > 0 } families
        && families.Distinct().Count() == families.Count && families.Contains(System.Net.Sockets.AddressFamily.InterNetwork);

    private static IReadOnlyList<ListSubnet> PoolsOf(NetworkList list, ListIpam ipam)
    {
        if (ipam.Type == "dhcp" || ipam.HasFixedAddresses || ipam.Chooser is not null)
            throw new RefusedException($"the list {list.Name} takes no address from Docker's IPAM: its own, "
                + $"{ipam.Chooser?.ToString() ?? ipam.Type}, chooses; leave --addresses docker away");
        if (ipam.Subnets.Count > 0 && !SuitsDocker(ipam))
            throw new RefusedException($"Docker's IPAM has no pools like the subnets of the list {list.Name} "
                + $"({string.Join(", ", ipam.Subnets.Select(subnet => subnet.Network))}): leave --addresses docker away");
        if (ipam.IsNarrowed)
            throw new RefusedException($"the list {list.Name} gives only a part of its subnet (rangeStart, rangeEnd), which Docker's "
                + "IPAM would not keep to; leave --addresses docker away");
        return ipam.Subnets;
    }

}
