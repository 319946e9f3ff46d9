using CniCore.Linux.Nftables;

namespace DockerDriver.Doctor;

/// <summary>nftables, as generated networks and the built-ins use it, tried.</summary>
internal sealed class NftablesCheck() : Check("nftables", "generated networks are kept apart, masqueraded and published by nftables")
{
    // One of each thing that cnid's own tables have.
    private const string Script =
        """
        table inet cnid_doctor {
            set pairs { type ifname . ifname; }
            set subnets { type ipv4_addr; flags interval; auto-merge; }
            map ports { type inet_proto . inet_service : ipv4_addr . inet_service; }
            chain forward { type filter hook forward priority filter - 5; policy accept; iifname . oifname @pairs accept; ct state established,related accept; ct status dnat accept; }
            chain prerouting { type nat hook prerouting priority dstnat; policy accept; fib daddr type local dnat ip to meta l4proto . th dport map @ports; }
            chain postrouting { type nat hook postrouting priority srcnat; policy accept; ip saddr @subnets masquerade; }
        }
        """;

    public override Task<IReadOnlyList<Finding>> LookAsync(ExaminedHost host, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Finding>>([Look(host)]);

    private Finding Look(ExaminedHost host)
    {
        try
        {
            return ThrowAway.Try(host.Settings.RunDir, space =>
            {
                using var nft = Nftables.OpenIn(space);
                nft.Run(Script);
                return Ok("libnftables and the kernel take tables, sets, maps, nat and conntrack");
            });
        }
        catch (NftablesException fault) when (fault.InnerException is DllNotFoundException)
        {
            return Fail("libnftables.so.1 is not installed", "apt-get install libnftables1");
        }
        catch (NftablesException fault)
        {
            return Fail($"the kernel does not take a table such as cnid's: {fault.Message}", "modprobe -a nf_tables nft_chain_nat nft_fib_inet nft_masq nft_ct || apt-get install linux-image-$(dpkg --print-architecture)");
        }
    }
}
