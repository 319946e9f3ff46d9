using EndToEnd.Host;

namespace EndToEnd;

/// <summary><c>--ipam-driver cni</c>: Docker's addresses come from the list's own IPAM.</summary>
public sealed class IpamDriverTests(Lab lab) : LabTest(lab)
{
    private const string Create = "docker network create -d cni --ipam-driver cni --ipam-opt cni.network=pods";
    private const string HostLocal =
        """{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24","rangeStart":"10.77.0.10","rangeEnd":"10.77.0.19"}]],"routes":["""
            + """{"dst":"0.0.0.0/0"}]}""";
    private const string DualStack =
        """{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}],[{"subnet":"fd00:77::/64"}]],"routes":[{"dst":"0.0.0.0/0"},"""
            + """{"dst":"::/0"}]}""";

    // An IPAM plugin that nobody knows, which takes no wish: addresses of a file, one after the other.
    private const string InHouse = """
        #!/bin/sh
        case $CNI_COMMAND in
        VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}' ;;
        ADD)
            mkdir -p /var/lib/in-house
            n=10; while [ -e /var/lib/in-house/$n ]; do n=$((n + 1)); done
            echo $CNI_CONTAINERID > /var/lib/in-house/$n
            [ ! -e /var/lib/in-house.kills ] || { rm /var/lib/in-house.kills; pkill -KILL -x cnid; }
            echo '{"cniVersion":"1.0.0","ips":[{"address":"10.78.3.'$n'/24","gateway":"10.78.3.1"}],"routes":[{"dst":"0.0.0.0/0"}]}' ;;
        DEL) for one in $(grep -ls $CNI_CONTAINERID /var/lib/in-house/*); do rm $one; done ;;
        esac
        """;

    // host-local goes on from the address it gave last: forgotten, so that the first is the first.
    private Task<string> ListAsync(string ipam, string name = "pods") => Lab.OkAsync(
        $"rm -rf /var/lib/cni/networks/{name}; echo "
        + $"'{{\"cniVersion\":\"1.0.0\",\"name\":\"{name}\",\"plugins\":[{{\"type\":\"bridge\",\"bridge\":\"{name}-br\","
            + $"\"isGateway\":true,\"ipMasq\":true,\"ipam\":{ipam}}},{{\"type\":\"firewall\"}}]}}' > /etc/cni/net.d/{name}.conflist");

    private Task<string> InHouseAsync() => Lab.OkAsync($"cat > /opt/cni/bin/in-house <<'E'\n{InHouse}\nE\nchmod +x /opt/cni/bin/in-house");

    private Task<string> ReservedAsync() => Lab.OkAsync("ls /var/lib/cni/networks/pods 2> /dev/null | grep -v -e lock -e last_ || true");

    private Task<string> AddressOfAsync(string container, string of = "IPAddress") =>
        Lab.DockerAsync($"inspect -f '{{{{.NetworkSettings.Networks.pods.{of}}}}}' {container}");

    private async Task RemoveAsync()
    {
        await Lab.DockerAsync("network rm pods");
        await Lab.RunAsync("ip link delete pods-br 2> /dev/null; rm -rf /var/lib/in-house");
    }

    [Fact]
    public async Task Network_ShowsTheListsSubnet_AndContainersHaveItsAddresses()
    {
        await ListAsync(HostLocal);
        await Lab.OkAsync($"{Create} pods");
        Assert.Equal("10.77.0.0/24 10.77.0.1",
            await Lab.DockerAsync("network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}' pods"));

        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        Assert.Equal("10.77.0.10", await AddressOfAsync("server"));
        Assert.Equal("10.77.0.1", await AddressOfAsync("server", "Gateway"));
        Assert.Equal("10.77.0.10", await ReservedAsync());
        Assert.Contains("10.77.0.10/24", await Lab.DockerAsync("exec server ip address"), StringComparison.Ordinal);
        await Lab.DockerAsync("run --rm --network pods lab sh -c 'ping -c1 -W3 server && ping -c1 -W3 203.0.113.2'");

        var id = (await Lab.OkAsync("ls /var/lib/cnid/reservations")).Replace(".json", "", StringComparison.Ordinal);
        var listed = (await Lab.OkAsync($"{Lab.Cnid} attachments")).Split('\n')
            .Single(line => line.Contains(id[..12], StringComparison.Ordinal));
        // An address has no packets: nothing is admitted in FORWARD for it.
        Assert.Equal("", await Lab.OkAsync($"grep -l {id} /var/lib/cnid/attachments/*.json | xargs grep -l admitted; true"));
        // D: Docker lists no container for it
        Assert.Equal(Lab.Engine.NamesContainers, listed.Contains("server", StringComparison.Ordinal));
        Assert.Equal(Lab.Engine.NamesContainers,
            Lab.CnidLog.Contains($"reserved 10.77.0.10/24 as {id} for server", StringComparison.Ordinal));
        Assert.Contains("is released when its container stops", await Lab.FailsAsync($"{Lab.Cnid} release {id}"), StringComparison.Ordinal);

        await Lab.DockerAsync("rm -f server");
        Assert.Equal("", await ReservedAsync());
        await RemoveAsync();
    }

    [Fact]
    public async Task FixedAddress_IsTheContainers_AndNobodyElses()
    {
        await ListAsync(HostLocal);
        await Lab.OkAsync($"{Create} --subnet 10.77.0.0/24 --gateway 10.77.0.1 pods");
        await Lab.DockerAsync("run -d --name fixed --network pods --ip 10.77.0.15 lab sleep 600");
        Assert.Equal("10.77.0.15", await AddressOfAsync("fixed"));

        Assert.Contains("10.77.0.15 of the list 'pods' is already in use",
            await Lab.FailsAsync("docker run --rm --network pods --ip 10.77.0.15 lab true"), StringComparison.Ordinal);
        await Lab.DockerAsync("run --rm --network pods --ip 10.77.0.99 lab true"); // beside the range, and asked for by hand
        Assert.Contains("10.77.0.1", await Lab.FailsAsync("docker run --rm --network pods --ip 10.77.0.1 lab true"),
            StringComparison.Ordinal);
        await Lab.DockerAsync("restart -t0 fixed");
        Assert.Equal("10.77.0.15", await AddressOfAsync("fixed"));
        Assert.Equal("10.77.0.15", await ReservedAsync());
        await Lab.DockerAsync("rm -f fixed");
        await RemoveAsync();
    }

    [Fact]
    public async Task DualStack_BothAddressesAreOneReservation()
    {
        await ListAsync(DualStack);
        await Lab.OkAsync($"{Create} --ipv6 --subnet 10.77.0.0/24 --subnet fd00:77::/64 pods");
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        Assert.Equal("10.77.0.2 fd00:77::2", $"{await AddressOfAsync("server")} {await AddressOfAsync("server", "GlobalIPv6Address")}");
        Assert.Equal("10.77.0.2\nfd00:77::2", await ReservedAsync());
        Assert.Contains("default via fd00:77::1", await Lab.DockerAsync("exec server ip -6 route"), StringComparison.Ordinal);
        await Lab.DockerAsync("run --rm --network pods lab sh -c 'ping -4 -c1 -W3 server && ping -6 -c1 -W3 fd00:77::2'");

        await Lab.DockerAsync("run -d --name fixed --network pods --ip6 fd00:77::99 lab sleep 600");
        Assert.Equal("fd00:77::99", await AddressOfAsync("fixed", "GlobalIPv6Address"));
        await Lab.DockerAsync("exec fixed ping -6 -c1 -W3 fd00:77::2");
        await Lab.DockerAsync("rm -f fixed server");
        Assert.Equal("", await ReservedAsync());
        await RemoveAsync();
    }

    [Fact]
    public async Task AuxiliaryAddress_IsReservedInTheList_AsLongAsTheNetwork()
    {
        await ListAsync(HostLocal);
        await Lab.OkAsync($"{Create} --subnet 10.77.0.0/24 --aux-address router=10.77.0.10 pods");
        Assert.Equal("10.77.0.10", await ReservedAsync());
        await Lab.RestartEngineAsync("TERM");
        await Lab.RestartCnidAsync();
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        Assert.Equal("10.77.0.11", await AddressOfAsync("server"));
        await Lab.DockerAsync("rm -f server");

        // What another boot would leave, with an IPAM that forgets.
        await Lab.StopCnidAsync("TERM");
        await Lab.OkAsync(
            """sed -i 's/"boot": .*/"boot": "earlier"/' /var/lib/cnid/reservations/*.json; rm -r /var/lib/cni/networks/pods""");
        await Lab.StartCnidAsync();
        await Lab.EventuallyAsync("it is reserved again", async () => await ReservedAsync() == "10.77.0.10");
        await RemoveAsync();
        Assert.Equal("", await ReservedAsync());
    }

    [Fact]
    public async Task Overlap_WithARouteOfTheHost_DoesNotLoop()
    {
        var takesIt = Lab.Engine.AsksForAnotherPool ? " --subnet 10.77.0.0/24" : "";
        await ListAsync(HostLocal);
        await Lab.OkAsync("ip link add pods-br type bridge; ip address add 10.77.0.1/24 dev pods-br; ip link set pods-br up");
        if (takesIt.Length > 0)
            Assert.Contains(takesIt, await Lab.FailsAsync($"timeout 20 {Create} pods"), StringComparison.Ordinal);
        await Lab.OkAsync($"timeout 20 {Create}{takesIt} pods");
        await Lab.DockerAsync("run --rm --network pods lab ping -c1 -W3 203.0.113.2");
        await RemoveAsync();
    }

    [Theory]
    [InlineData("TERM", "")]
    [InlineData("KILL", "")]
    [InlineData("TERM", "--live-restore")]
    public async Task EngineRestarted_AddressesStay(string signal, string arguments)
    {
        if (arguments.Length > 0)
            await Lab.RestartEngineAsync("TERM", arguments);
        await ListAsync(HostLocal);
        await Lab.OkAsync($"{Create} --subnet 10.77.0.0/24 pods");
        await Lab.DockerAsync("run -d --name fixed --restart=always --network pods --ip 10.77.0.12 lab sleep 600");
        await Lab.DockerAsync("run -d --name other --restart=always --network pods lab sleep 600");
        await Lab.RestartEngineAsync(signal, arguments);

        await Lab.EventuallyAsync("both are back", async () => (await Lab.RunAsync("docker exec fixed ping -c1 -W3 other")).Status == 0);
        Assert.Equal("10.77.0.12", await AddressOfAsync("fixed"));
        var reserved = await ReservedAsync();
        Assert.Equal(2, reserved.Split('\n').Length);
        Assert.Contains(await AddressOfAsync("other"), reserved, StringComparison.Ordinal);

        await Lab.DockerAsync("rm -f fixed other");
        Assert.Equal("", await ReservedAsync());
        await RemoveAsync();
        if (arguments.Length > 0)
            await Lab.RestartEngineAsync("TERM");
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task CnidRestarted_AddressesStay(string signal)
    {
        await ListAsync(HostLocal);
        await Lab.OkAsync($"{Create} --subnet 10.77.0.0/24 pods");
        await Lab.DockerAsync("run -d --name server --network pods lab sleep 600");
        await Lab.StopCnidAsync(signal);
        await Lab.StartCnidAsync();

        await Lab.DockerAsync("run --rm --network pods lab ping -c1 -W3 server");
        Assert.Contains("in use", await Lab.FailsAsync($"docker run --rm --network pods --ip {await AddressOfAsync("server")} lab true"),
            StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f server");
        Assert.Equal("", await ReservedAsync());
        await RemoveAsync();
    }

    [Fact]
    public async Task CnidKilledWhileTheIpamRuns_LeavesNothingReserved()
    {
        await InHouseAsync();
        await ListAsync("""{"type":"in-house"}""");
        await Lab.OkAsync($"{Create} pods");
        await Lab.OkAsync("touch /var/lib/in-house.kills");
        var failed = Lab.FailsAsync("docker run --rm --network pods lab true");
        await Lab.EventuallyAsync("cnid was killed", async () => (await Lab.RunAsync("pgrep -x cnid")).Status != 0);
        await Lab.StartCnidAsync();
        await failed;

        await Lab.EventuallyAsync("nothing is reserved", async () => await Lab.OkAsync("ls /var/lib/in-house") == "");
        await Lab.DockerAsync("run --rm --network pods lab ping -c1 -W3 203.0.113.2");
        await RemoveAsync();
    }

    [Fact]
    public async Task IpamThatNobodyKnows_IsAskedForItsSubnet_AndServesIt()
    {
        await InHouseAsync();
        await ListAsync("""{"type":"in-house"}""");
        await Lab.OkAsync($"{Create} --subnet 10.78.3.0/24 --gateway 10.78.3.1 pods");
        Assert.Equal("", await Lab.OkAsync("ls /var/lib/in-house"));
        Assert.Equal("10.78.3.0/24 10.78.3.1",
            await Lab.DockerAsync("network inspect -f '{{range .IPAM.Config}}{{.Subnet}} {{.Gateway}}{{end}}' pods"));

        await Lab.DockerAsync("run --rm --network pods lab ping -c1 -W3 203.0.113.2");
        Assert.Contains("assigned 10.78.3.10/24 instead of 10.78.3.50",
            await Lab.FailsAsync("docker run --rm --network pods --ip 10.78.3.50 lab true"), StringComparison.Ordinal);
        Assert.Equal("", await Lab.OkAsync("ls /var/lib/in-house"));
        await RemoveAsync();
    }

    [Theory]
    [InlineData(HostLocal, "--ipam-opt colour=red", "'colour' is unknown to the IPAM driver cni")]
    [InlineData(HostLocal, "--subnet 10.99.0.0/24", "use --subnet 10.77.0.0/24")]
    [InlineData(HostLocal, "--subnet 10.77.0.0/24 --gateway 10.77.0.9", "use --gateway 10.77.0.1")]
    [InlineData(HostLocal, "--subnet 10.77.0.0/24 --ip-range 10.77.0.0/28", "remove --ip-range")]
    [InlineData(HostLocal, "-o com.docker.network.driver.mtu=1400", "set it in the list 'pods'")]
    [InlineData(HostLocal, "-o cni.network=others", "remove the -o option")]
    [InlineData(HostLocal, "--ipv6 --subnet 10.77.0.0/24 --subnet fd00:77::/64", "remove --ipv6")]
    [InlineData(DualStack, "", "use --ipv6 --subnet fd00:77::/64")]
    [InlineData("""{"type":"dhcp"}""", "", "use: docker network create -d cni -o cni.network=pods --ipam-driver null")]
    [InlineData("""{"type":"static","addresses":[{"address":"10.77.0.9/24"}]}""", "", "--ipam-driver null")]
    [InlineData("""{"type":"host-local","ranges":[[{"subnet":"10.77.0.0/24"}],[{"subnet":"10.78.0.0/24"}]]}""", "", "several subnets")]
    [InlineData("{}", "", "remove --ipam-driver")]
    public async Task WhatDoesNotFit_IsRefusedWithTheWayOut(string ipam, string options, string words)
    {
        await ListAsync(ipam);
        Assert.Contains(words, await Lab.FailsAsync($"{Create} {options} pods"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NoList_IsRefused() =>
        Assert.Contains("--ipam-opt cni.network=NAME", await Lab.FailsAsync("docker network create -d cni --ipam-driver cni pods"),
            StringComparison.Ordinal);
}
