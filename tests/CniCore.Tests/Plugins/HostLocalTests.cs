using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>The built-in host-local beside the reference's, but for the <see cref="Differences"/>.</summary>
public sealed class HostLocalTests() : HostLocalTest
{
    /// <summary>Keys of <c>ipam</c>, keys beside it, CNI_ARGS, version.</summary>
    public static TheoryData<string, string, string, string> Configurations => new()
    {
        { """ "subnet":"10.1.0.0/24" """, "", "", "1.0.0" },
        { """ "subnet":"10.1.0.0/24","rangeStart":"10.1.0.10","rangeEnd":"10.1.0.11","gateway":"10.1.0.10" """, "", "", "1.0.0" },
        { """ "subnet":"10.1.0.0/24","gateway":"192.0.2.1" """, "", "", "0.4.0" },
        { """ "Subnet":"10.1.0.0/24","RANGESTART":"10.1.0.7" """, "", "", "0.3.1" },
        { """ "ranges":[[{"subnet":"10.1.0.0/24","rangeStart":"10.1.0.254"},{"subnet":"10.2.0.0/24"}],["""
            + """{"subnet":"fd00:0:0:1::/64"}]],"routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0","gw":"fd00::7"}] """, "", "", "1.0.0" },
        { """ "ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"fd00::/64"}]],"routes":[{"dst":"10.9.0.0/16","gw":"10.1.0.9"}] """, "", "",
            "0.2.0" },
        { """ "subnet":"10.1.0.0/24","ranges":[[{"subnet":"10.2.0.0/24"}]] """, "", "", "1.0.0" },
        { """ "subnet":"10.1.0.0/24" """, """ "runtimeConfig":{"ipRanges":[[{"subnet":"10.3.0.0/24"}]]} """, "", "1.0.0" },
        { "", """ "runtimeConfig":{"ipRanges":[[{"subnet":"10.3.0.0/30","gateway":"10.3.0.2"}]]} """, "", "1.0.0" },
        { """ "subnet":"10.1.0.0/24" """, """ "runtimeConfig":{"ips":["10.1.0.77/16"]} """, "", "1.0.0" },
        { """ "subnet":"10.1.0.0/24" """, """ "args":{"cni":{"ips":["10.1.0.78"]}} """, "", "1.0.0" },
        { """ "ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"fd00::/64"}]] """,
            """ "args":{"cni":{"ips":["FD00::77"]}},"runtimeConfig":{"ips":["10.1.0.79"]} """, "", "1.0.0" },
        { """ "subnet":"10.1.0.0/24" """, """ "runtimeConfig":{"ips":["10.1.0.80"]} """, "IP=10.1.0.80", "1.0.0" },
        { """ "subnet":"10.1.0.0/24" """, "", "IgnoreUnknown=true;IP=10.1.0.81;K8S=x", "1.0.0" },
        { """ "subnet":"10.1.0.0/24" """, "", "IP=", "1.0.0" },
        { """ "subnet":"10.1.0.0/24","resolvConf":"DIR.conf" """, "", "", "1.0.0" },
    };

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task Add_AnswersAndWritesWhatTheReferenceDoes(string ipam, string others, string args, string version)
    {
        foreach (var dir in new[] { "ours", "reference" })
            File.WriteAllText(Path.Combine(Folder, dir + ".conf"), "# a comment\n; and one\n\nnameserver "
                + "192.0.2.1\nnameserver\t2001:db8::1 x\ndomain old\ndomain d\nsearch a b\nsearch c\noptions ndots:2 rotate\nbroken\n");
        var (ours, reference) = (Request(Data(ipam), others, version, "ours"), Request(Data(ipam), others, version, "reference"));

        AssertSameJson(await RunAsync(false, CniCommand.Add, reference, args: args),
            await RunAsync(true, CniCommand.Add, ours, args: args));
        Assert.Equal(Files("reference"), Files("ours"));
    }

    [Fact]
    public async Task Add_AddressThatDotNetWritesInAnotherWay_IsFiledAsTheReferenceDoes()
    {
        const string ipam = """ "subnet":"fd00::/64","rangeStart":"fd00::5efe:a00:1" """;
        await RunAsync(true, CniCommand.Add, Request(Data(ipam), dir: "ours"));
        await RunAsync(false, CniCommand.Add, Request(Data(ipam), dir: "reference"));

        Assert.Equal(Files("reference"), Files("ours"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(""" "subnet":"10.1.0.0/31" """)]
    [InlineData(""" "subnet":"10.1.0.5/24" """)]
    [InlineData(""" "subnet":"10.1.0.0/24","rangeStart":"10.2.0.5" """)]
    [InlineData(""" "subnet":"10.1.0.0/24","rangeEnd":"10.2.0.5" """)]
    [InlineData(""" "ranges":[[]] """)]
    [InlineData(""" "ranges":[[{"subnet":"10.1.0.0/24"},{"subnet":"fd00::/64"}]] """)]
    [InlineData(""" "ranges":[[{"subnet":"10.1.0.0/24"},{"subnet":"10.1.0.0/25"}]] """)]
    [InlineData(""" "ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"10.2.0.0/24"}],[{"subnet":"10.1.0.0/16"}]] """)]
    [InlineData(""" "ranges":[[{"subnet":"10.1.0.0/24"}],[{"subnet":"10.2.0.0/24"}]] """, "", "", "0.2.0")]
    [InlineData(""" "subnet":"10.1.0.0/24" """, """ "runtimeConfig":{"ips":["10.1.0.1"]} """)]
    [InlineData(""" "subnet":"10.1.0.0/24" """, """ "runtimeConfig":{"ips":["10.2.0.1"]} """)]
    [InlineData(""" "subnet":"10.1.0.0/24" """, """ "args":{"cni":{"ips":["10.1.0.5"]}} """, "IP=10.2.0.7")]
    [InlineData(""" "subnet":"10.1.0.0/24" """, "", "K8S=x")]
    public async Task Add_OfWhatCannotBe_IsRefusedInTheReferencesWords(
        string ipam, string others = "", string args = "", string version = "1.0.0")
    {
        var fault = await FaultAsync(true, CniCommand.Add, Request(Data(ipam), others, version, "ours"), args: args);

        Assert.Equal((await FaultAsync(false, CniCommand.Add, Request(Data(ipam), others, version, "reference"), args: args)).Reason,
            fault.Reason);
        Assert.Empty(Reserved("ours"));
    }

    [Theory]
    [InlineData(""" "subnet":"nonsense" """, "\"nonsense\" is not an address with a prefix length")]
    [InlineData(""" "ranges":[[{"rangeStart":"10.1.0.5"}]] """, "invalid range set 0: a range has no subnet")]
    [InlineData(""" "subnet":"10.1.0.0/24","rangeStart":"10.1.0.255" """, "RangeStart 10.1.0.255 is after the range's end 10.1.0.254")]
    [InlineData(""" "subnet":"::ffff:10.1.0.0/120" """, "version mismatch")]
    [InlineData(""" "subnet":"10.1.0.0/24","resolvConf":"/nowhere/resolv.conf" """, "/nowhere")]
    public async Task Add_BadInput_IsOneClearLine(string ipam, string words)
    {
        var fault = await FaultAsync(true, CniCommand.Add, Request(Data(ipam)));

        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public async Task Add_NetworkNameThatIsAPath_IsRefused() =>
        Assert.Contains(
            "network name",
                (await FaultAsync(true, CniCommand.Add, Small.Replace("\"net\"", "\"../net\"", StringComparison.Ordinal))).Message,
                StringComparison.Ordinal);

    [Fact]
    public async Task Add_Twice_IsRefusedInTheReferencesWords()
    {
        foreach (var builtin in new[] { true, false })
            await RunAsync(builtin, CniCommand.Add, Request(Data(Net), dir: builtin ? "ours" : "reference"));

        var fault = await FaultAsync(true, CniCommand.Add, Request(Data(Net), dir: "ours"));
        Assert.Equal((await FaultAsync(false, CniCommand.Add, Request(Data(Net), dir: "reference"))).Reason, fault.Reason);
        await RunAsync(true, CniCommand.Add, Request(Data(Net), dir: "ours"), ifName: "eth1");
    }

    [Fact]
    public async Task Add_AgainWithOtherAddressAskedFor_IsGivenAndBothAreReleased()
    {
        await RunAsync(true, CniCommand.Add, Small);
        await RunAsync(true, CniCommand.Add, Small, args: "IP=10.1.0.5");
        Assert.Equal(["10.1.0.2", "10.1.0.5"], Reserved());

        await RunAsync(true, CniCommand.Del, Small);
        Assert.Empty(Reserved());
    }

    [Fact]
    public async Task Add_OneAfterTheOtherByBoth_GoesRoundTheRange()
    {
        var given = new List<string>();
        for (var turn = 0; turn < 8; turn++)
        {
            given.Add(AddressOf(await RunAsync(turn % 2 == 0, CniCommand.Add, Small)));
            await RunAsync(turn % 3 == 0, CniCommand.Del, Small);
        }
        Assert.Equal(["2", "3", "4", "5", "6", "2", "3", "4"], given.Select(address => address.Split('.', '/')[3]));
    }

    [Fact]
    public async Task Add_HundredAtOnceHalfByTheReference_AreAllDistinct()
    {
        var request = Request(Data(Net));
        var results = await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(turn => Task.Run(() => RunAsync(turn % 2 == 0, CniCommand.Add, request, $"c{turn}"))));

        Assert.Equal(100, results.Select(AddressOf).Distinct().Count());
        Assert.Equal(100, Reserved().Count);
        await Task.WhenAll(Enumerable.Range(0, 100)
            .Select(turn => Task.Run(() => RunAsync(turn % 4 < 2, CniCommand.Del, request, $"c{turn}"))));
        Assert.Empty(Reserved());
    }

    [Fact]
    public async Task Add_OneHoleBehindManyReservations_IsFound()
    {
        await RunAsync(true, CniCommand.Add, Request(Data(""" "subnet":"10.1.0.0/22" """)));
        for (var value = 3; value < 1023; value++)
        {
            if (value != 900)
                File.WriteAllText(PathOf($"10.1.{value / 256}.{value % 256}"), "other\r\neth0");
        }
        Assert.Equal("10.1.3.132/22", AddressOf(await RunAsync(true, CniCommand.Add, Request(Data(""" "subnet":"10.1.0.0/22" """)), "c2")));
    }

    [Fact]
    public async Task Add_AmongOthersReservations_ReadsNoneOfThem()
    {
        await RunAsync(true, CniCommand.Add, Small);
        using (var made = Children.Start(new("mkfifo", PathOf("10.1.0.6"))))
            await made.WaitForExitAsync(); // whoever reads it waits for ever

        await RunAsync(true, CniCommand.Add, Small, "c2");
        await RunAsync(true, CniCommand.Del, Small, "c2");
        Assert.Equal(["10.1.0.2", "10.1.0.6"], Reserved());
    }
}
