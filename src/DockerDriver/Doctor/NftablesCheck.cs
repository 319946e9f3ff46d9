using CniCore.Linux.Netlink;
using CniCore.Linux.Nftables;
using static CniCore.Linux.Nftables.Nft;

namespace DockerDriver.Doctor;

/// <summary>Creates an nf_tables table with every feature that cnid uses.</summary>
internal sealed class NftablesCheck()
    : DoctorCheck("nftables", "isolation, masquerading and published ports of generated networks need nf_tables")
{
    // One of each object and expression in cnid's tables.
    private static readonly TableDefinition Table = new(NftTable.Parse("inet cnid_doctor"))
    {
        Sets =
        [
            new("pairs", "ifname . ifname"),
            new NftSet("subnets", "ipv4_addr") { IsInterval = true },
            new("ports", "inet_proto . inet_service : ipv4_addr . inet_service"),
            new("ours", "ipv4_addr : verdict"),
        ],
        Chains =
        [
            new("forward", new("filter", "forward", NftHook.FilterPriority - 5))
            {
                { IifName.Dot(OifName).In("pairs"), Accept },
                { CtState("established", "related"), Accept },
                { CtStatus("dnat"), Accept },
                { OifKind.Is("bridge"), Drop },
            },
            new("prerouting", new("nat", "prerouting", NftHook.DestinationNat)) { { FibDaddrType.Is("local"),
                DnatIp(L4Proto.Dot(ThDport), "ports") } },
            new("postrouting", new("nat", "postrouting", NftHook.SourceNat)) { IpSaddr.VMap("ours"),
                { IpSaddr.In("subnets"), Masquerade } },
        ],
    };

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<DoctorFinding>>([Run(host)]);

    private DoctorFinding Run(DoctorContext host)
    {
        try
        {
            return ScratchNamespace.Use(host.Settings.RunDir, netns =>
            {
                using var socket = NftSocket.OpenIn(netns);
                socket.Replace(Table);
                return Ok("the kernel supports tables, sets, maps, nat and conntrack");
            });
        }
        catch (NetlinkException fault)
        {
            return Fail($"the kernel refuses a table such as cnid's: {fault.Message}", "modprobe -a nf_tables nft_chain_nat "
                + "nft_fib_inet nft_masq nft_ct || apt-get install linux-image-$(dpkg --print-architecture)");
        }
    }
}
