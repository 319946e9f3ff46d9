namespace CniCore.Tests.Plugins;

/// <summary>A runtime that is killed in the middle of a verb, at each kind of step: whatever it left, DEL or GC removes.</summary>
public sealed class CrashTests : SideBySideTest
{
    private const string List = """
        {"cniVersion":"1.1.0","name":"net1","plugins":[
          {"type":"bridge","isGateway":true,"ipMasq":true,"macspoofchk":true,"ipam":{"type":"host-local","dataDir":"FOLDER/ipam",
           "ranges":[[{"subnet":"10.5.0.0/24"}],[{"subnet":"fd05::/64"}]]}},
          {"type":"tuning","mtu":1400,"dataDir":"FOLDER/tuning"},
          {"type":"portmap","capabilities":{"portMappings":true}},
          {"type":"firewall","ingressPolicy":"isolated"}]}
        """;

    // Netlink, nftables, and each step of putting a file in its place.
    private static readonly (string Call, int[] Numbers)[] Points =
    [
        ("sendto", [1, 4, 7, 10, 13, 17, 21, 25, 29, 33, 37, 41, 49, 57, 65]),
        ("sendmsg", [1, 2, 3]),
        ("fsync", [1, 2, 4]),
        ("rename", [1, 2, 3]),
        ("pwrite64", [1, 5]),
    ];

    public CrashTests() => Assert.SkipUnless(File.Exists("/usr/bin/strace"), "needs strace, which kills at a step");

    [Fact]
    public void Add_KilledAtAnyStep_IsRemovedByDeleteOrGc() =>
        AssertNothingLeft((process, attachment, point) => process.RunKilledAt(point.Call, point.Number, "add", attachment));

    [Fact]
    public void Delete_KilledAtAnyStep_IsRemovedByTheNextOrByGc() => AssertNothingLeft((process, attachment, point) =>
    {
        process.Run("add", attachment);
        return process.RunKilledAt(point.Call, point.Number, "del", attachment);
    });

    private void AssertNothingLeft(Func<RuntimeProcess, string[], (string Call, int Number), bool> kill)
    {
        var killed = 0;
        var faults = new List<string>();
        var worlds = Points.SelectMany(one => one.Numbers.Select(number => (one.Call, Number: number)))
            .Select((point, i) => (Point: point, World: World($"{point.Call}{point.Number}"), ByGcAlone: i % 2 == 1)).ToList();
        Parallel.ForEach(worlds, new() { MaxDegreeOfParallelism = 8 }, one =>
        {
            var process = new RuntimeProcess(one.World);
            File.WriteAllText(Path.Combine(one.World.Folder, "list.conflist"),
                List.Replace("FOLDER", one.World.Folder, StringComparison.Ordinal));
            string[] attachment = ["c1", one.World.NetNs, "8080"];
            var before = Everything(one.World);
            if (kill(process, attachment, one.Point))
                Interlocked.Increment(ref killed);
            if (!one.ByGcAlone)
                process.Run("del", attachment);
            process.Run("gc");
            var after = Everything(one.World);
            if (before == after)
                return;
            lock (faults)
            {
                var added = after.Split('\n').Except(before.Split('\n')).Select(line => "+ " + line);
                var lost = before.Split('\n').Except(after.Split('\n')).Select(line => "- " + line);
                faults.Add($"{one.Point}, by GC alone: {one.ByGcAlone}\n{string.Join('\n', added.Concat(lost))}");
            }
        });
        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(killed >= 15, $"only {killed} runs were long enough to be killed");
    }

    private static string Everything(PluginWorld world) => Inventory(world) + "\n" + string.Join('\n', Directory
        .EnumerateFiles(world.Folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(world.Folder, file))
        .Where(file => !file.StartsWith("locks/", StringComparison.Ordinal) && Path.GetFileName(file) is not "lock"
            && !Path.GetFileName(file).StartsWith("last_reserved_ip", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal));
}
