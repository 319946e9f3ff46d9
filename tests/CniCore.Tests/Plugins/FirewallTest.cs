using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Plugins.Firewall;

namespace CniCore.Tests.Plugins;

/// <summary>
/// A host whose iptables forward nothing, as Docker leaves them, in either back end; frames between a bridge's ports meet the rules.
/// </summary>
public abstract class FirewallTest : RulesTest
{
    protected const string Modern = "nft";
    protected const string Legacy = "legacy";
    private static readonly string[] Families = ["iptables", "ip6tables"];

    /// <summary>firewall's ADD and DEL for container 10.BRIDGE.0.NUMBER.</summary>
    private protected static Calls On(int bridge, int number, string policy = "open", string keys = "") =>
        new(new FirewallPlugin(), "firewall", bridge, number)
        {
            Network = $"net{bridge}",
            Keys = $$"""{ "ingressPolicy": "{{policy}}" {{keys}} }""",
        };

    protected void DropAll(string backend)
    {
        foreach (var family in Families)
            Tool($"{family}-{backend} -P FORWARD DROP");
        Host.Inside(() =>
        {
            Sysctl.WriteIfThere("net/bridge/bridge-nf-call-iptables", "1");
            Sysctl.WriteIfThere("net/bridge/bridge-nf-call-ip6tables", "1");
        });
    }

    private protected Task AddAsync(Calls calls) => calls.AddAsync(Firewall);

    protected Task InHostAsync(Func<HostFirewall, Task> work) => work(Firewall);

    /// <summary>
    /// Whether a packet and its answer get through. What should is waited for longer than a lost first question for a neighbour takes (1
    /// s).
    /// </summary>
    protected static bool Reaches(NetworkNamespace from, Socket server, string to, bool expected = true)
    {
        var patience = TimeSpan.FromSeconds(expected ? 8 : 1);
        var port = ((IPEndPoint)server.LocalEndPoint!).Port;
        using var client = Udp(from, Any(to));
        var (question, got) = (Guid.NewGuid().ToByteArray(), new byte[16]); // another's may have waited for its neighbour until now
        EndPoint sender = new IPEndPoint(IPAddress.Parse(Any(to)), 0);
        var began = Stopwatch.GetTimestamp();
        do
        {
            if (Stopwatch.GetElapsedTime(began) > patience)
                return false;
            client.SendTo(question, new IPEndPoint(IPAddress.Parse(to), port));
        }
        while (!server.Poll(TimeSpan.FromMilliseconds(250), SelectMode.SelectRead) || server.ReceiveFrom(got, ref sender) == 0
            || !got.SequenceEqual(question));
        server.SendTo("pong"u8.ToArray(), sender);
        return client.Poll(patience, SelectMode.SelectRead);
    }

    /// <summary>All rules of the host, in both back ends.</summary>
    protected string All() =>
        string.Concat(Families.Select(family => Tool($"{family}-legacy -S")))
            + string.Join('\n', Rules().Split('\n').Where(line => !line.StartsWith('#')));
}
