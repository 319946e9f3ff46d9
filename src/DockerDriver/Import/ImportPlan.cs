using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.NetworkDriver;

namespace DockerDriver.Import;

/// <summary>The arguments of <c>docker network create</c> for a list.</summary>
internal sealed record ImportPlan
{
    private const string NullIpam = "null";

    // runconfig.IsPreDefinedNetwork
    private static readonly HashSet<string> Predefined = ["bridge", "host", "none", "default"];

    public required string Name { get; init; }

    /// <summary>The network driver's name, from the name of cnid's socket.</summary>
    public required string Driver { get; init; }

    public required string ListName { get; init; }

    /// <summary>Null for Docker's own.</summary>
    public string? IpamDriver { get; init; }

    /// <summary>Docker's pools; empty where there are none, or where Docker chooses.</summary>
    public IReadOnlyList<ListSubnet> Pools { get; init; } = [];

    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The options of cnid's IPAM driver.</summary>
    public IReadOnlyDictionary<string, string> IpamOptions => IpamDriver is null or NullIpam
        ? new Dictionary<string, string>()
        : new Dictionary<string, string> { [NetworkOptions.ListKey] = ListName };

    public bool HasIPv6Pool => Pools.Any(pool => pool.Network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6);

    /// <param name="list">A usable list.</param>
    /// <param name="from">Null for the best fit for its IPAM.</param>
    /// <exception cref="RefusedException">That IPAM cannot assign its addresses.</exception>
    public static ImportPlan For(NetworkList list, string name, string driver, AddressSource? from,
        IReadOnlyDictionary<string, string> labels)
    {
        if (name.Trim().Length == 0 || Predefined.Contains(name))
            throw new RefusedException("Docker accepts no network named "
                + $"'{name}'{(Predefined.Contains(name) ? ": the name is reserved" : "")}; use another name with --as "
                    + "NAME");
        var ipam = ListIpam.Of(list);
        // static without addresses assigns requested addresses only
        var isAsked = ipam is { Type: "static", HasFixedAddresses: false, AddressingPlugin: null };
        var source = from ?? (isAsked ? AddressSource.Docker : AddressSource.List);
        var plan = new ImportPlan { Name = name, Driver = driver, ListName = list.Name.ToString(), Labels = labels };
        if (source == AddressSource.Docker)
            return plan with { Pools = PoolsOf(list, ipam) };
        if (isAsked)
            throw new RefusedException($"the list {list.Name} assigns no address by itself (static, without addresses): use "
                + "--addresses docker");
        return source == AddressSource.List && SuitsDocker(ipam)
            ? plan with { IpamDriver = driver, Pools = ipam.Subnets }
            : plan with { IpamDriver = NullIpam };
    }

    /// <summary>The equivalent shell command.</summary>
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

    // Docker 20 to 27 requires IPv4 in every network, and no engine accepts a gateway outside of its subnet.
    private static bool SuitsDocker(ListIpam ipam) =>
        ipam.Subnets.All(subnet => subnet.Network.Contains(subnet.Gateway)) &&
        ipam.Subnets.Select(subnet => subnet.Network.BaseAddress.AddressFamily).ToList() is { Count: > 0 } families
        && families.Distinct().Count() == families.Count && families.Contains(System.Net.Sockets.AddressFamily.InterNetwork);

    private static IReadOnlyList<ListSubnet> PoolsOf(NetworkList list, ListIpam ipam)
    {
        if (ipam.Type == "dhcp" || ipam.HasFixedAddresses || ipam.AddressingPlugin is not null)
            throw new RefusedException($"the list {list.Name} supports no address requests: its IPAM "
                + $"{ipam.AddressingPlugin?.ToString() ?? ipam.Type} chooses; remove --addresses docker");
        if (ipam.Subnets.Count > 0 && !SuitsDocker(ipam))
            throw new RefusedException($"Docker's IPAM does not support the subnets of the list {list.Name} "
                + $"({string.Join(", ", ipam.Subnets.Select(subnet => subnet.Network))}): remove --addresses docker");
        if (ipam.HasPartialRange)
            throw new RefusedException($"the list {list.Name} assigns from a part of its subnet only (rangeStart, rangeEnd), which "
                + "Docker's IPAM does not support; remove --addresses docker");
        return ipam.Subnets;
    }

}
