using CniCore.Spec;

namespace CniCore.Plugins.HostLocal;

/// <summary>The configuration of host-local, checked (reference: allocator/config.go).</summary>
internal sealed class HostLocalConfig
{
    private HostLocalConfig(HostLocalFields.IpamFields ipam, IReadOnlyList<RangeSet> sets, IReadOnlyList<AddressNumber> requested) =>
        (Ipam, Sets, Requested) = (ipam, sets, requested);

    public HostLocalFields.IpamFields Ipam { get; }

    /// <summary>One address of each set is given. The index is the <c>N</c> of <c>last_reserved_ip.N</c>. Never empty.</summary>
    public IReadOnlyList<RangeSet> Sets { get; }

    /// <summary>The requested addresses, without duplicates: of CNI_ARGS, <c>args.cni</c> and the capability, in that order.</summary>
    public IReadOnlyList<AddressNumber> Requested { get; }

    /// <exception cref="CniPluginException">The configuration is invalid.</exception>
    public static HostLocalConfig Of(BuiltinCall call)
    {
        var fields = call.Read(HostLocalJson.Default.HostLocalFields);
        var ipam = IpamOf(fields);
        var requested = CallArgs.Of(call, "IP").Values
            .Concat(fields.Args?.Cni?.Ips ?? [])
            .Concat(fields.RuntimeConfig?.Ips ?? [])
            .Select(RequestOf).Distinct().ToList();
        var sets = RangesOf(fields, ipam).Select(SetOf).ToList();
        if (sets.Count == 0)
            throw Invalid("no IP ranges specified");
        if (CniVersions.HasIp4AndIp6(call.CniVersion) && (sets.Count(set => set.IsIPv4) > 1 || sets.Count(set => !set.IsIPv4) > 1))
            throw Invalid($"CNI version {call.CniVersion} does not support more than 1 address per family");
        for (var i = 0; i < sets.Count; i++)
        {
            if (sets.FindIndex(i + 1, sets[i].Overlaps) is var other and > 0)
                throw Invalid($"range set {i} overlaps with {other}");
        }
        return new(ipam, sets, requested);
    }

    /// <summary>The folder of the reservations. DEL and GC read nothing else, so that they work with any ranges.</summary>
    /// <exception cref="CniPluginException">There is no section <c>ipam</c>.</exception>
    public static string? DataDirOf(BuiltinCall call) =>
        call.Read(HostLocalJson.Default.DataDirFields).Ipam is { } ipam ? ipam.DataDir : throw Missing();

    /// <summary>Whether all ranges come with the capability, which STATUS does not get.</summary>
    public static bool HasNoRanges(BuiltinCall call)
    {
        var fields = call.Read(HostLocalJson.Default.HostLocalFields);
        return !RangesOf(fields, IpamOf(fields)).Any();
    }

    private static HostLocalFields.IpamFields IpamOf(HostLocalFields fields) => fields.Ipam ?? throw Missing();

    private static IEnumerable<IReadOnlyList<RangeFields>?> RangesOf(HostLocalFields fields, HostLocalFields.IpamFields ipam)
    {
        IReadOnlyList<RangeFields>?[] single = ipam.Subnet is null ? [] : [[ipam]];
        return (fields.RuntimeConfig?.IpRanges ?? []).Concat(single).Concat(ipam.Ranges ?? []);
    }

    private static RangeSet SetOf(IReadOnlyList<RangeFields>? ranges, int index)
    {
        try
        {
            return RangeSet.Of(ranges);
        }
        catch (FormatException fault)
        {
            throw Invalid($"invalid range set {index}: {fault.Message}", fault);
        }
    }

    // The prefix length is optional and ignored.
    private static AddressNumber RequestOf(string text)
    {
        if (CidrAddress.TryParse(text, out var parsed))
            return AddressNumber.Of(parsed.Address);
        return AddressText.TryParse(text, out var address)
            ? AddressNumber.Of(address)
            : throw Invalid($"invalid IP address {Identifier.Quote(text)}");
    }

    private static CniPluginException Missing() => Invalid("IPAM config missing 'ipam' key");

    private static CniPluginException Invalid(string message, Exception? inner = null) =>
        new(CniErrorCode.InvalidConfig, message, inner: inner);
}
