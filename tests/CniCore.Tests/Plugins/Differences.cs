using System.Text.RegularExpressions;

namespace CniCore.Tests.Plugins;

/// <summary>
/// Every difference there is on purpose between built-ins and reference (1.1.1), with its reason: the same list as in
/// docs/design/006-built-ins.md.
/// </summary>
internal static partial class Differences
{
    public static IReadOnlyList<Difference> All { get; } =
    [
        new("all", "Unknown keys in `CNI_ARGS` are passed over with or without `IgnoreUnknown`", "Engines add keys of their own"),
        new("all", "STATUS, GC and version 1.1.0 are there", "1.1.1 has none of them"),
        new("all", "DEL cleans up whatever is missing: namespace, link, rules, `prevResult`; a path that is no namespace is no fault",
            "The reference leaves rules and addresses behind, or fails for ever"),
        new("all", "Two addresses of a container in one network do not share rules",
            "The reference's first DEL flushes the chain of both and fails"),
        new("all", "DEL takes every step and then tells the fault", "One broken step must not keep the others"),
        new("bridge, ptp", "Masquerade is sets of an nftables table, whatever `ipMasqBackend` says",
            "One element an attachment; found by identity, without the address or the link"),
        new("bridge, ptp", "The host end's name comes from the attachment's identity", "DEL finds it when all else is gone"),
        new("bridge, ptp", "DEL deletes the link before host-local and static give the address back, and after any other IPAM",
            "Nobody is given an address that still answers here; and `dhcp` releases through the link"),
        new("bridge", "A bridge that we made has the alias `made by cnid`, and GC removes it when nobody uses it",
            "The reference's stays for ever", Alias()),
        new("bridge", "The IPAM's `dns` stays where the configuration has none", "As the reference does from 1.2 on"),
        new("bridge", "A gateway pins the MAC of a bridge we did not make; the answer has the one it has with the new port",
            "CHECK finds what ADD answered"),
        new("bridge, macvlan, ptp", "IPv6 addresses skip duplicate detection unless `enabledad` is set",
            "ADD does not wait a second for what IPAM has ruled out", NoDuplicates()),
        new("bridge, ptp", "A link keeps the kernel's transmit queue length",
            "It counts for nothing without a queue; the reference sets 0 up to 1.1", QueueLength()),
        new("bridge, macvlan, ptp", "A route without a gateway has link scope",
            "A gateway may lie behind it; the reference's route cannot carry one"),
        new("bridge, macvlan, ptp",
            "The same route named twice is set once; `mtu`, `advmss`, `priority`, `table` and `scope` of a route are set and checked",
            "The reference refuses the first, and does not know or check the others"),
        new("macvlan", "`keep_addr_on_down` and `ndisc_notify` are set", "As the reference does later than 1.1.1"),
        new("ptp", "Two addresses of one subnet are both set", "The reference fails over the second one's route"),
        new("ptp", "The link is there before IPAM is asked", "As with bridge and macvlan: `dhcp` needs it"),
        new("ptp", "CHECK looks for the masquerade", "Without it nothing comes back from outside"),
        new("loopback", "Results before 1.0.0 have their version's shape", "The reference prints that of 1.0.0 under another number"),
        new("tuning", "A MAC is answered as the kernel shows it, however it was written", "The next CHECK finds it equal"),
        new("tuning", "A sysctl of several words passes CHECK, and one that can only be written does",
            "The kernel separates with tabs; and what cannot be read cannot be compared"),
        new("tuning", "CHECK asks for nothing that was not configured", "A capture inside makes the interface promiscuous"),
        new("tuning", "The backup names its network", "GC knows whose it is"),
        new("host-local", "CHECK fails where an address of the result is not reserved",
            "The reference takes any reservation of the container's"),
        new("host-local", "DEL needs no ranges", "They may have come with a capability that is gone"),
        new("host-local", "An ADD that fails takes nothing from what the container had", "The reference gives back all"),
        new("host-local", "A crash's empty files, and what we gave in an earlier boot, are taken where nothing else is free",
            "The reference never does: a range runs dry"),
        new("host-local", "A container that we gave an address in an earlier boot gets another",
            "The reference refuses until a DEL that nobody sends"),
        new("host-local", "A duplicate of what the reference gave is not seen", "Every file would have to be read"),
        new("host-local", "A range that ends before it starts is refused", "The reference runs on past it"),
        new("host-local", "Files are 0600", "As the reference does from 1.7 on"),
        new("static", "CHECK fails where the result of ADD lacks an address of the configuration", "It is not as ADD left it"),
        new("host-local, static", "Codes say what kind of fault it is: 4 `CNI_ARGS`, 6 JSON, 7 configuration, 50 STATUS",
            "The reference says 999 for all"),
        new("portmap", "A host port that a process or another attachment has is refused", "The reference's last one wins"),
        new("portmap", "Mappings are elements of nftables maps, found by identity; `backend` and `markMasqBit` mean nothing, conditions "
            + "are nft match expressions", "One look-up a packet however many ports; DEL needs no capabilities"),
        new("portmap", "The reference's CHECK does not find them", "It looks for its own chains"),
        new("firewall", "Admits by interface, in a chain of its own, `CNID-CNI`; the reference's CHECK does not find it",
            "A packet meets four rules however many containers a bridge has"),
        new("firewall", "Its jump stands behind `DOCKER-USER` and the chains of others, not at the head of FORWARD",
            "What an administrator drops there is dropped"),
        new("firewall", "Published ports are admitted",
            "The reference leaves them to a policy of ACCEPT, which Docker's hosts do not have"),
        new("firewall", "`ingressPolicy` is a table of nftables that drops, and ends with the last attachment",
            "It holds whatever iptables accepts; the reference's chains stay for ever"),
        new("firewall", "Bridges of this host that have no such attachments, such as Docker's, and ours do not reach each other",
            "The reference's ACCEPT opens Docker's networks to it"),
        new("firewall", "DEL needs no result", "The reference's then leaves its rules"),
    ];

    /// <summary>A text without what shows of them.</summary>
    public static string TakenOut(string text) =>
        All.Where(one => one.Shows is not null).Aggregate(text, (left, one) => one.Shows!.Replace(left, ""));

    [GeneratedRegex("alias made by cnid")]
    private static partial Regex Alias();

    [GeneratedRegex(@" nodad\b")]
    private static partial Regex NoDuplicates();

    [GeneratedRegex(@" qlen \d+")]
    private static partial Regex QueueLength();
}
