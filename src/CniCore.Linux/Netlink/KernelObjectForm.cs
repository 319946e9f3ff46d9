using System.Buffers.Binary;
using System.Text;
using CniCore.Linux.Interop;

namespace CniCore.Linux.Netlink;

/// <summary>The messages of one kind of object, and the attributes that are kept.</summary>
/// <param name="New">The message type that creates an object.</param>
/// <param name="Delete">The message type that deletes an object.</param>
/// <param name="Get">The message type that lists objects.</param>
/// <param name="HeaderLength">The length of the message's struct.</param>
/// <param name="Kept">The attributes that define an object; null: all except <paramref name="Dropped"/>.</param>
/// <param name="Dropped">The attributes that describe the state of an object.</param>
internal sealed record KernelObjectForm(ushort New, ushort Delete, ushort Get, int HeaderLength, ushort[]? Kept, ushort[] Dropped)
{
    // if_addr.h: the flags an address is created with. The others are states (permanent, secondary, tentative).
    private const uint AddressFlags = rtnl.IFA_F_NOPREFIXROUTE | rtnl.IFA_F_MCAUTOJOIN | rtnl.IFA_F_HOMEADDRESS;

    public static KernelObjectForm Of(KernelObjectKind kind) => kind switch
    {
        KernelObjectKind.Address =>
            new(rtnl.RTM_NEWADDR, rtnl.RTM_DELADDR, rtnl.RTM_GETADDR, 8,
                [rtnl.IFA_ADDRESS, rtnl.IFA_LOCAL, rtnl.IFA_BROADCAST, rtnl.IFA_FLAGS, rtnl.IFA_RT_PRIORITY], []),
        KernelObjectKind.Route =>
            new(rtnl.RTM_NEWROUTE, rtnl.RTM_DELROUTE, rtnl.RTM_GETROUTE, 12, null, [rtnl.RTA_IIF, rtnl.RTA_CACHEINFO, rtnl.RTA_NH_ID]),
        KernelObjectKind.Rule => new(rtnl.RTM_NEWRULE, rtnl.RTM_DELRULE, rtnl.RTM_GETRULE, 12, null, [rtnl.FRA_PAD]),
        KernelObjectKind.Neighbour =>
            new(rtnl.RTM_NEWNEIGH, rtnl.RTM_DELNEIGH, rtnl.RTM_GETNEIGH, 12, [rtnl.NDA_DST, rtnl.NDA_LLADDR, rtnl.NDA_PROTOCOL], []),
        KernelObjectKind.Qdisc =>
            new(rtnl.RTM_NEWQDISC, rtnl.RTM_DELQDISC, rtnl.RTM_GETQDISC, 20,
                [rtnl.TCA_KIND, rtnl.TCA_OPTIONS, rtnl.TCA_INGRESS_BLOCK, rtnl.TCA_EGRESS_BLOCK], []),
        KernelObjectKind.TrafficClass =>
            new(rtnl.RTM_NEWTCLASS, rtnl.RTM_DELTCLASS, rtnl.RTM_GETTCLASS, 20, [rtnl.TCA_KIND, rtnl.TCA_OPTIONS], []),
        _ => new(rtnl.RTM_NEWTFILTER, rtnl.RTM_DELTFILTER, rtnl.RTM_GETTFILTER, 20, [rtnl.TCA_KIND, rtnl.TCA_OPTIONS, rtnl.TCA_CHAIN], []),
    };

    /// <summary>The kept part of a listed message; null for objects that the kernel creates itself.</summary>
    public static KernelObject? Read(KernelObjectKind kind, ReadOnlySpan<byte> message)
    {
        var form = Of(kind);
        var header = message[..form.HeaderLength].ToArray();
        var attributes = new SortedDictionary<ushort, byte[]>();
        var reader = new AttributeReader(message[form.HeaderLength..]);
        while (reader.Next())
        {
            if (form.Kept?.Contains(reader.Type) ?? !form.Dropped.Contains(reader.Type))
                attributes[reader.Type] = reader.Value.ToArray();
        }
        var isWorthKeeping = kind switch
        {
            KernelObjectKind.Address => KeepAddress(header, attributes),
            KernelObjectKind.Route => KeepRoute(header, attributes),
            KernelObjectKind.Rule => Mask(header, 8, rtnl.FIB_RULE_INVERT),
            KernelObjectKind.Neighbour => KeepNeighbour(header),
            KernelObjectKind.Filter => KeepFilter(header, attributes),
            // no handle: created by the kernel
            _ => BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) != 0 && Mask(header, 16, 0) && AsHtbTakesIt(attributes),
        };
        if (!isWorthKeeping)
            return null;
        var found = Write(kind, header, attributes);
        _ = (found.LinkIndex, found.Metric, found.ToString()); // throws for attributes that are too short
        return found;
    }

    public static KernelObject? Translate(
        KernelObject kernelObject, IReadOnlyDictionary<int, int> indexes, IReadOnlyDictionary<string, string> names)
    {
        var (header, attributes) = Parts(kernelObject);
        var isKnown = kernelObject.Kind switch
        {
            KernelObjectKind.Rule => Rename(attributes, rtnl.FRA_IIFNAME, names) && Rename(attributes, rtnl.FRA_OIFNAME, names),
            KernelObjectKind.Route => (!attributes.TryGetValue(rtnl.RTA_OIF, out var link) || Renumber(link, indexes))
                && (!attributes.TryGetValue(rtnl.RTA_MULTIPATH, out var hops) || EachHop(hops, hop => Renumber(hop.AsSpan(4), indexes))),
            _ => Renumber(header.AsSpan(4), indexes),
        };
        return isKnown ? Write(kernelObject.Kind, header, attributes) : null;
    }

    /// <summary>The route with another metric.</summary>
    public static KernelObject WithMetric(KernelObject route, int metric)
    {
        var (header, attributes) = Parts(route);
        attributes[rtnl.RTA_PRIORITY] = BitConverter.GetBytes(metric);
        return Write(route.Kind, header, attributes);
    }

    /// <summary>
    /// Splits a multipath route into one route for each gateway, which is IPv6's own form (net/ipv6/ip6_fib.c). Returns a route with one
    /// gateway unchanged.
    /// </summary>
    public static IEnumerable<KernelObject> Paths(KernelObject route)
    {
        if (route.Attribute(rtnl.RTA_MULTIPATH) is not { } hops)
            return [route];
        var paths = new List<KernelObject>();
        EachHop(hops, hop =>
        {
            var (header, attributes) = Parts(route);
            attributes.Remove(rtnl.RTA_MULTIPATH);
            attributes[rtnl.RTA_OIF] = hop[4..8].ToArray();
            header[8] |= hop[2]; // route flags and hop flags have one in common: onlink
            var reader = new AttributeReader(hop[8..]);
            while (reader.Next())
                attributes[reader.Type] = reader.Value.ToArray();
            paths.Add(Write(route.Kind, header, attributes));
            return true;
        });
        return paths;
    }

    private static (byte[] Header, SortedDictionary<ushort, byte[]> Attributes) Parts(KernelObject kernelObject)
    {
        var form = Of(kernelObject.Kind);
        var attributes = new SortedDictionary<ushort, byte[]>();
        var reader = new AttributeReader(kernelObject.Body.AsSpan(form.HeaderLength));
        while (reader.Next())
            attributes[reader.Type] = reader.Value.ToArray();
        return (kernelObject.Body[..form.HeaderLength], attributes);
    }

    private static KernelObject Write(KernelObjectKind kind, byte[] header, SortedDictionary<ushort, byte[]> attributes)
    {
        var body = new List<byte>(header);
        foreach (var (type, value) in attributes)
        {
            body.AddRange(BitConverter.GetBytes((ushort)(4 + value.Length)));
            body.AddRange(BitConverter.GetBytes(type));
            body.AddRange(value);
            while (body.Count % 4 != 0)
                body.Add(0);
        }
        return new(kind, [.. body]);
    }

    private static bool KeepAddress(byte[] header, SortedDictionary<ushort, byte[]> attributes)
    {
        var flags = attributes.TryGetValue(rtnl.IFA_FLAGS, out var wide) ? BinaryPrimitives.ReadUInt32LittleEndian(wide) : header[2];
        header[2] = 0;
        var kept = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(kept, flags & AddressFlags);
        attributes[rtnl.IFA_FLAGS] = kept;
        return (flags & rtnl.IFA_F_PERMANENT) != 0; // otherwise it has a lifetime, which nobody would renew elsewhere
    }

    private static bool KeepRoute(byte[] header, SortedDictionary<ushort, byte[]> attributes)
    {
        if (attributes.TryGetValue(rtnl.RTA_MULTIPATH, out var hops))
            EachHop(hops, hop => (hop[2] &= (byte)rtnl.RTNH_F_ONLINK) >= 0);
        return Mask(header, 8, rtnl.RTNH_F_ONLINK) && header[4] != rtnl.RT_TABLE_LOCAL;
    }

    private static bool KeepNeighbour(byte[] header)
    {
        var state = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(8));
        return (state & rtnl.NUD_PERMANENT) != 0 || (header[10] & rtnl.NTF_PROXY) != 0;
    }

    // htb lists its version with a revision, accepts it without, and adds a packet count (net/sched/sch_htb.c, htb_dump and htb_init).
    private static bool AsHtbTakesIt(SortedDictionary<ushort, byte[]> attributes)
    {
        const int versionAt = 4, countAt = 20;
        if (Encoding.ASCII.GetString(attributes.GetValueOrDefault(rtnl.TCA_KIND, [])).TrimEnd('\0') == "htb"
            && attributes.TryGetValue(rtnl.TCA_OPTIONS, out var options) && options.Length >= 24
                && BitConverter.ToUInt16(options, 2) == rtnl.TCA_HTB_INIT)
        {
            if (BitConverter.ToUInt32(options, versionAt) is var version && version > ushort.MaxValue)
                BinaryPrimitives.WriteUInt32LittleEndian(options.AsSpan(versionAt), version >> 16);
            options.AsSpan(countAt, 4).Clear();
        }
        return true;
    }

    // u32 lists its hash table, which is created with the first filter.
    private static bool KeepFilter(byte[] header, SortedDictionary<ushort, byte[]> attributes)
    {
        var isTable = attributes.TryGetValue(rtnl.TCA_KIND, out var kind) && Encoding.ASCII.GetString(kind).TrimEnd('\0') == "u32"
            && (BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) & 0xfffff) == 0;
        return BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8)) != 0 && !isTable;
    }

    private static bool Mask(byte[] header, int at, uint mask)
    {
        var field = header.AsSpan(at);
        BinaryPrimitives.WriteUInt32LittleEndian(field, BinaryPrimitives.ReadUInt32LittleEndian(field) & mask);
        return true;
    }

    private static bool Renumber(Span<byte> field, IReadOnlyDictionary<int, int> indexes)
    {
        if (!indexes.TryGetValue(BinaryPrimitives.ReadInt32LittleEndian(field), out var there))
            return false;
        BinaryPrimitives.WriteInt32LittleEndian(field, there);
        return true;
    }

    // A rule may name an interface that does not exist: the name is kept.
    private static bool Rename(SortedDictionary<ushort, byte[]> attributes, ushort type, IReadOnlyDictionary<string, string> names)
    {
        if (attributes.TryGetValue(type, out var name) && names.TryGetValue(Encoding.UTF8.GetString(name).TrimEnd('\0'), out var there))
            attributes[type] = [.. Encoding.UTF8.GetBytes(there), 0];
        return true;
    }

    private static bool EachHop(byte[] hops, Func<ArraySegment<byte>, bool> visit)
    {
        for (var at = 0; at + 8 <= hops.Length;)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(hops.AsSpan(at));
            if (length < 8 || at + length > hops.Length || !visit(new(hops, at, length)))
                return false;
            at += (length + 3) & ~3;
        }
        return true;
    }
}
