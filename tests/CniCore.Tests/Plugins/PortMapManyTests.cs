using System.Globalization;
using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Linux;
using CniCore.Plugins.Interfaces;
using CniCore.Plugins.PortMap;

namespace CniCore.Tests.Plugins;

/// <summary>Many attachments at once, from one process and from two, as executables are.</summary>
public sealed class PortMapManyTests : PortMapTest
{
    private const int Threads = 50;

    [Fact]
    public async Task AddAndDelete_FromManyThreads_LeaveWhatShouldStay()
    {
        await MapAndUnmapAsync(Firewall, 0, 200);
        await AssertStayAndGoAsync(200);
    }

    [Fact]
    public async Task AddAndDelete_FromTwoProcesses_LeaveWhatShouldStay()
    {
        _ = Host;
        var others = Enumerable.Range(0, 2)
            .Select(one =>
            Task.Run(() => OtherProcess.Start(PathOf("host"), nameof(OtherProcess.MapAndUnmap), PathOf($"ready{one}"), $"{one * 200} 200")))
                .ToList();
        foreach (var other in others)
            (await other).Dispose();
        await AssertStayAndGoAsync(400);
    }

    [Fact]
    public void A1_BuiltIns_LoadNoLibnftables()
    {
        _ = Host;
        using (OtherProcess.Start(PathOf("host"), nameof(OtherProcess.LoadLibraries), PathOf("ready"), "-"))
            Assert.DoesNotContain(File.ReadLines(PathOf("ready")), library =>
                library.Contains("nftables", StringComparison.Ordinal) || library.Contains("nftnl", StringComparison.Ordinal));
    }

    // The table comes and goes all the time: each time somebody finds it missing, and each time it is in use again when it should go.
    [Fact]
    public async Task AddAndDelete_OfTheFirstAndLast_FromTwoProcesses_NeverMiss()
    {
        _ = Host;
        var others = Enumerable.Range(0, 2)
            .Select(one =>
            Task.Run(() => OtherProcess.Start(PathOf("host"), nameof(OtherProcess.ComeAndGo), PathOf($"ready{one}"), $"{one} 100")))
                .ToList();
        foreach (var other in others)
            (await other).Dispose();
        Assert.Empty(Rules());
        Assert.Equal("0", Host.Inside(() => Sysctl.Read("net/ipv4/conf/br1/route_localnet")));
    }

    /// <summary>Every tenth stays.</summary>
    internal static Task MapAndUnmapAsync(HostFirewall host, int first, int count) =>
        InThreads(Enumerable.Range(first, count), async number =>
    {
        await Of(number).AddAsync(host);
        await Of(number).CheckAsync(host);
        if (number % 10 == 0)
            return;
        await (number % 3 == 0 ? Of(number) with { HasResult = false, Keys = "{}" } : Of(number)).DeleteAsync(host);
    });

    /// <summary>The same one over and over.</summary>
    internal static async Task ComeAndGoAsync(HostFirewall host, int number, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await Of(number).AddAsync(host);
            await Of(number).CheckAsync(host);
            // The other's end may close it once more before it sees that the table is used again.
            Assert.True(SpinWait.SpinUntil(() => Sysctl.Read("net/ipv4/conf/br1/route_localnet") == "1", TimeSpan.FromSeconds(1)));
            await Of(number).DeleteAsync(host);
        }
    }

    private static Calls Of(int number) => new(new PortMapPlugin(), "portmap", 1, 2 + number % 250)
    {
        ContainerId = $"many-{number}",
        Third = number / 250,
        Keys =
            Ports(string.Create(CultureInfo.InvariantCulture,
                $$"""{ "hostPort": {{10000 + number}}, "containerPort": 80 }, { "hostPort": {{20000 + number}}, "containerPort": 53,"""
                    + $$""" "protocol": "udp" }""")),
    };

    // Threads of their own.
    private static Task InThreads(IEnumerable<int> numbers, Func<int, Task> work)
    {
        var left = new System.Collections.Concurrent.ConcurrentQueue<int>(numbers);
        var faults = new System.Collections.Concurrent.ConcurrentQueue<Exception>();
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            while (left.TryDequeue(out var number))
            {
                try
                {
                    work(number).GetAwaiter().GetResult(); // never waits: a plugin is done when it returns
                }
                catch (Exception fault)
                {
                    faults.Enqueue(fault);
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        return faults.IsEmpty ? Task.CompletedTask : Task.FromException(new AggregateException(faults));
    }

    private async Task AssertStayAndGoAsync(int count)
    {
        foreach (var number in Enumerable.Range(0, count).Where(number => number % 10 == 0))
            await InHostAsync(Of(number).CheckAsync);
        Assert.Equal((count / 5, count / 5),
            (Firewall.Ports.Table.Elements("any4").Count, Firewall.Ports.Table.Elements("any6").Count));
        foreach (var number in Enumerable.Range(0, count).Where(number => number % 10 == 0))
            await InHostAsync(Of(number).DeleteAsync);
        Assert.Empty(Rules());
    }
}
