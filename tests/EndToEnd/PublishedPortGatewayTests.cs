using EndToEnd.Host;

namespace EndToEnd;

/// <summary>
/// A container on several networks, Docker's own among them: its published ports are one network's at a time, the gateway's.
/// </summary>
public sealed class PublishedPortGatewayTests(Lab lab) : LabTest(lab)
{
    private const string Server = "lab httpd -f -h /www";

    // Docker chooses the gateway by name: "aa" stands before "bridge", "web" behind it.
    [Theory]
    [InlineData("aa")]
    [InlineData("web")]
    public async Task A8_ContainerOnDockersBridge_JoinsACniNetwork_AndItsPortIsThereOnce(string network)
    {
        await Lab.DockerAsync($"network create -d cni {network}");
        await Lab.DockerAsync($"create --name server --network bridge -p 8080:80 {Server}");
        await Lab.DockerAsync($"network connect {network} server");
        await Lab.DockerAsync("start server");
        await ServesAsync("started on both");

        await Lab.DockerAsync("restart -t0 server");
        await ServesAsync("started again");
        await Lab.DockerAsync($"network disconnect {network} server");
        await ServesAsync("on Docker's bridge alone");
        await Lab.DockerAsync($"network connect {network} server");
        await ServesAsync("connected while it runs");
        await Lab.DockerAsync("network disconnect bridge server");
        await ServesAsync("on the cni network alone");
    }

    [Theory]
    [InlineData("aa")]
    [InlineData("web")]
    public async Task A8_ContainerOnACniNetwork_JoinsDockersBridge_AndItsPortIsThereOnce(string network)
    {
        await Lab.DockerAsync($"network create -d cni {network}");
        await Lab.DockerAsync("network create mm"); // Docker's own, by name between the two
        await Lab.DockerAsync($"run -d --name server --network {network} -p 8080:80 {Server}");
        await ServesAsync("on the cni network alone");
        await Lab.DockerAsync("network connect mm server");
        await ServesAsync("connected while it runs");

        await Lab.DockerAsync("restart -t0 server");
        await ServesAsync("started again");
        await Lab.DockerAsync($"network disconnect {network} server");
        await ServesAsync("on Docker's network alone");
    }

    [Theory]
    [InlineData("one", "two")]
    [InlineData("two", "one")]
    public async Task A8_NetworkThatCarriesThePort_IsDisconnected_AndTheOtherTakesItOver(string first, string second)
    {
        await Lab.OkAsync("docker network create -d cni one; docker network create -d cni two");
        await Lab.DockerAsync(
            $"create --name server --network {first} -p 8080:80 -p 5353:5353/udp lab sh -c 'udpecho 5353 & httpd -f -h /www'");
        await Lab.DockerAsync($"network connect {second} server");
        await Lab.DockerAsync("start server");
        await ServesAsync("on both");

        await Lab.DockerAsync($"network disconnect {first} server");
        await ServesAsync($"on {second} alone");
        await EchoesAsync("203.0.113.1");
        await Lab.DockerAsync($"network connect {first} server");
        await Lab.DockerAsync($"network disconnect {second} server");
        await ServesAsync($"on {first} alone");
        await EchoesAsync("203.0.113.1");
        Assert.Contains(":8080 failed: port is already allocated",
            await Lab.FailsAsync($"docker run --rm --network {second} -p 8080:80 lab true"), StringComparison.Ordinal);
    }

    // The network of higher priority has no IPv6, so it is IPv4's gateway and the other one IPv6's.
    [Theory]
    [InlineData("bridge")]
    [InlineData("cni")]
    public async Task D_GatewaysOfTwoNetworks_CarryThePortOfTheirFamily(string driver)
    {
        Assert.SkipUnless(Lab.Engine.HasGatewayPerFamily, "this engine has one gateway for both families");
        // Seen with two bridges of Docker's own, too: the rule that admits the port goes when the other gateway comes (29.7.2).
        Assert.SkipWhen(driver == "bridge" && Lab.Engine.UsesNftables, "on this back end Docker's own bridge loses its port");
        await Lab.DockerAsync("network create -d cni --ipv6 --subnet 10.66.0.0/24 --subnet fd66::/64 web");
        await Lab.DockerAsync($"network create -d {driver} first");
        await Lab.DockerAsync($"create --name server --network name=first,gw-priority=10 -p 8080:80 {Server}");
        await Lab.DockerAsync("network connect web server");
        await Lab.DockerAsync("start server");
        await ServesBothAsync("started");

        await Lab.DockerAsync("network disconnect web server");
        await ServesBothAsync("on the first alone");
        await Lab.DockerAsync("network connect web server");
        await ServesBothAsync("connected while it runs");
        await Lab.DockerAsync("network disconnect first server");
        await ServesBothAsync("on the second alone");
        await Lab.DockerAsync("network connect --gw-priority 10 first server");
        await ServesBothAsync("on both again");
    }

    [Fact]
    public async Task A8_PortThatWasTakenOver_IsHeldAfterARestartOfCnid()
    {
        await Lab.OkAsync("docker network create -d cni one; docker network create -d cni two");
        await Lab.DockerAsync($"run -d --name server --network one -p 8080:80 {Server}");
        await Lab.DockerAsync("network connect two server");
        await Lab.RestartCnidAsync();
        await Lab.DockerAsync("network disconnect one server");
        await Lab.StopCnidAsync("KILL");
        await Lab.StartCnidAsync();
        await ServesAsync("on two");
        Assert.Contains("in use", await Lab.FailsAsync("timeout 5 python3 -m http.server 8080 2>&1"), StringComparison.Ordinal);
    }

    // Executables all of them where the host has the plugins.
    [Fact]
    public async Task A8_ListsOfExecutables_TakeThePortOver()
    {
        foreach (var (name, number) in new[] { ("one", 71), ("two", 72) })
        {
            await File.WriteAllTextAsync(Path.Combine(Lab.Folder, "list"), $$$"""
                {"cniVersion":"0.4.0","name":"{{{name}}}","plugins":[{"type":"bridge","bridge":"{{{name}}}-br","isGateway":true,
                 "ipMasq":true,
                  "ipam":{"type":"host-local","ranges":[[{"subnet":"10.{{{number}}}.0.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
                  {"type":"portmap","snat":true,"capabilities":{"portMappings":true}},{"type":"firewall"}]}
                """);
            await Lab.OkAsync($"rm -rf /var/lib/cni/networks/{name}; cp {Lab.Folder}/list /etc/cni/net.d/{name}.conflist; docker network "
                + $"create -d cni -o cni.network={name} --ipam-driver null {name}");
        }
        await Lab.DockerAsync($"run -d --name server --network one -p 8080:80 {Server}");
        await Lab.DockerAsync("network connect two server");
        await ServesHereAsync("on both");
        await Lab.DockerAsync("restart -t0 server");
        await ServesHereAsync("started again");
        await Lab.DockerAsync("network disconnect one server");
        await ServesHereAsync("on two");
        await Lab.DockerAsync("rm -f server");
        await Lab.OkAsync("docker network rm one two; ip link delete one-br; ip link delete two-br");
    }

    // Docker publishes through the gateway, and this list is never one; its port is published all the same.
    [Fact]
    public async Task ListWithoutADefaultRoute_PublishesToThisHost()
    {
        await File.WriteAllTextAsync(Path.Combine(Lab.Folder, "list"), """
            {"cniVersion":"1.0.0","name":"flat","plugins":[{"type":"bridge","bridge":"flat-br","isGateway":true,"hairpinMode":true,
              "ipam":{"type":"host-local","ranges":[[{"subnet":"10.73.0.0/24"}]]}},{"type":"portmap",
               "capabilities":{"portMappings":true}},{"type":"firewall"}]}
            """);
        await Lab.OkAsync($"rm -rf /var/lib/cni/networks/flat; cp {Lab.Folder}/list /etc/cni/net.d/flat.conflist; docker network create "
            + "-d cni -o cni.network=flat --ipam-driver null flat");
        await Lab.DockerAsync($"run -d --name server --network flat -p 8080:80 {Server}");
        // On 127.0.0.1, where portmap has the bridge's address ask: the container has no way back to another.
        await Lab.EventuallyAsync("port 8080 answers", async () =>
            (await Lab.RunAsync("curl -s -m3 http://127.0.0.1:8080/")).Output.Trim() == "hello");
        await Lab.DockerAsync("rm -f server");
        await Lab.OkAsync("docker network rm flat; ip link delete flat-br");
    }

    [Fact]
    public async Task A8_ComposeServiceOnDockersNetworkAndACniOne_HasItsPortOnce()
    {
        var file = Path.Combine(Lab.Folder, "docker-compose.yml");
        await File.WriteAllTextAsync(file, """
            version: "3"
            services:
              server: { image: lab, command: httpd -f -h /www, networks: [front, web], ports: ["8080:80"] }
            networks:
              front: {}
              web: { driver: cni }
            """);
        await Lab.OkAsync($"docker-compose -p shop -f {file} up -d");
        await ServesAsync("up");
        await Lab.OkAsync($"docker-compose -p shop -f {file} restart -t 0");
        await ServesAsync("started again");
        await Lab.OkAsync($"docker-compose -p shop -f {file} down");
    }

    private Task ServesAsync(string when) => Lab.EventuallyAsync(
        $"port 8080 answers, {when}", async () => (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8080/")).Text == "hello");

    private async Task ServesBothAsync(string when)
    {
        await ServesAsync(when);
        await Lab.EventuallyAsync($"port 8080 answers over IPv6, {when}", async () =>
            (await Lab.InternetAsync("curl -s -g -m3 http://[2001:db8:ffff::1]:8080/")).Text == "hello");
    }

    // To this host: whether a list's own firewall plugin lets others in is not the ports' question.
    private Task ServesHereAsync(string when) => Lab.EventuallyAsync(
        $"port 8080 answers this host, {when}", async () =>
            (await Lab.RunAsync("curl -s -m3 http://203.0.113.1:8080/")).Output.Trim() == "hello");

    private Task EchoesAsync(string host) => Lab.EventuallyAsync(
        "an echo", async () =>
            (await Lab.InternetAsync($"bash -c 'exec 3<>/dev/udp/{host}/5353; echo hello >&3; timeout 3 head -n1 <&3'")).Text == "hello");
}
