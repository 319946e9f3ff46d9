using System.Net;
using System.Net.Sockets;
using CniCore.Linux.Namespaces;

namespace CniCore.Tests.Plugins;

/// <summary>A hundred containers come to one network at the same moment, in one process, and leave so.</summary>
public sealed class ManyAttachmentsTests : SideBySideTest
{
    private const int Count = 100;
    private const int FirstPort = 20_000;

    private const string List = """
        {"cniVersion":"1.1.0","name":"net1","plugins":[
          {"type":"bridge","isDefaultGateway":true,"ipMasq":true,"ipam":{"type":"host-local","dataDir":"FOLDER/ipam",
           "subnet":"10.5.0.0/24"}},
          {"type":"portmap","snat":true,"capabilities":{"portMappings":true}}]}
        """;

    [Fact]
    public async Task AddAndDelete_OfAHundredAtOnce_AllAreReached_AndNothingIsLeft()
    {
        var world = World("ours");
        File.WriteAllText(Path.Combine(world.Folder, "list.conflist"), List.Replace("FOLDER", world.Folder, StringComparison.Ordinal));
        var containers = Enumerable.Range(0, Count).Select(i => (Id: $"c{i}", Space: Space($"c{i}"), Port: FirstPort + i)).ToList();
        string[] attachments = [.. containers.SelectMany(one => new[] { one.Id, PathOf(one.Id), $"{one.Port}" })];
        var process = new RuntimeProcess(world);
        var before = Inventory(world);

        var addresses = process.Run("add", attachments).Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => IPAddress.Parse(words[1]));
        Assert.Equal(Count, addresses.Values.Distinct().Count());

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        foreach (var (id, space, port) in containers)
        {
            using var listener = space.Inside(() => Listener(80));
            await ReachAsync(listener, world.Host, new(addresses[id], 80), patience.Token);
            await ReachAsync(listener, world.Host, new(IPAddress.Parse("10.5.0.1"), port), patience.Token);
        }

        process.Run("del", attachments);
        process.Run("gc");
        Assert.Equal(before, Inventory(world));
        Assert.Empty(Directory.GetFiles(Path.Combine(world.Folder, "books")));
        Assert.DoesNotContain(Directory.GetFiles(Path.Combine(world.Folder, "ipam", "net1")), file =>
            IPAddress.TryParse(Path.GetFileName(file), out _));
    }

    // The listener is one container's own: who reaches it has reached that one.
    private static async Task ReachAsync(Socket listener, NetworkNamespace host, IPEndPoint to, CancellationToken cancel)
    {
        using var client = host.Inside(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        var accepting = listener.AcceptAsync(cancel).AsTask();
        await client.ConnectAsync(to, cancel);
        using var accepted = await accepting;
    }

    private static Socket Listener(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Any, port));
        listener.Listen();
        return listener;
    }
}
