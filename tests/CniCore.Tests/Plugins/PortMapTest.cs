using System.Net.Sockets;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Plugins.PortMap;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>Container 10.1.0.2 fd00:1::2, whose port 80 is the host's 8080.</summary>
public abstract class PortMapTest : RulesTest
{
    private protected static readonly Calls Attachment =
        new(new PortMapPlugin(), "portmap", 1,
            2)
        {
            Keys = Ports(
                """{ "hostPort": 8080, "containerPort": 80, "protocol": "tcp" }, { "hostPort": 8080, "containerPort": 80, "protocol":"""
                    + """ "udp" }""")
        };

    /// <summary>portmap's keys.</summary>
    protected static string Ports(string mappings, string keys = "") =>
        $$"""{ "runtimeConfig": { "portMappings": [ {{mappings}} ] }{{(keys.Length > 0 ? "," : "")}} {{keys}} }""";

    private protected Task<CniResult> AddAsync(Calls calls) => calls.AddAsync(Firewall);

    protected Task InHostAsync(Func<HostFirewall, Task> work) => work(Firewall);

    /// <summary>Whether frames that a bridge forwards meet the rules: br_netfilter, which Docker loads.</summary>
    protected void BridgesUseRules(bool on) => Host.Inside(() =>
    {
        Sysctl.WriteIfThere("net/bridge/bridge-nf-call-iptables", on ? "1" : "0");
        Sysctl.WriteIfThere("net/bridge/bridge-nf-call-ip6tables", on ? "1" : "0");
    });
}
