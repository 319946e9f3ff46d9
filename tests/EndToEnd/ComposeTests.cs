using System.Text.Json.Nodes;
using EndToEnd.Host;

namespace EndToEnd;

public sealed class ComposeTests(Lab lab) : LabTest(lab)
{
    [Fact]
    public async Task TwoServices_OnACniNetwork_UpAndDown()
    {
        var file = Path.Combine(Lab.Folder, "docker-compose.yml");
        await File.WriteAllTextAsync(file, """
            version: "3"
            services:
              server: { image: lab, command: httpd -f -h /www, networks: [web] }
              client: { image: lab, command: sleep 600, networks: [web] }
            networks:
              web: { driver: cni }
            """);
        await Lab.OkAsync($"docker-compose -p shop -f {file} up -d");
        Assert.Equal("hello", await Lab.OkAsync($"docker-compose -p shop -f {file} exec -T client wget -qO- http://server/"));
        await Lab.OkAsync($"docker-compose -p shop -f {file} down");
    }

    [Fact]
    public async Task B_Ports_ArePublished_WithTheHostAddressThatTheyName()
    {
        var file = Path.Combine(Lab.Folder, "ports-compose.yml");
        await File.WriteAllTextAsync(file, """
            version: "3"
            services:
              server:
                container_name: server-of-shop # Compose 1 and 2 make different names
                image: lab
                command: httpd -f -h /www
                networks: [web]
                ports: ["8073:80", "127.0.0.1:8074:80", "80", "8075-8076:81-82"]
            networks:
              web: { driver: cni }
            """);
        await Lab.OkAsync($"docker-compose -p shop -f {file} up -d");
        Assert.Equal("hello", (await Lab.InternetAsync("curl -s -m3 http://203.0.113.1:8073/")).Output.Trim());
        Assert.Equal("hello", await Lab.OkAsync("curl -s -m3 http://127.0.0.1:8074/"));
        Assert.NotEqual(0, (await Lab.InternetAsync("curl -s -m1 http://203.0.113.1:8074/")).Status);

        var ports = JsonNode.Parse(await Lab.OkAsync($"{Lab.Cnid} inspect server-of-shop --json"))![0]!["ports"]!.AsArray();
        Assert.Equal([80, 80, 80, 81, 82], ports.Select(port => (int)port!["containerPort"]!).Order());
        var chosen = ports.Single(port => (int)port!["containerPort"]! == 80 && (int)port["hostPort"]! is not (8073 or 8074))!;
        Assert.Equal("hello", (await Lab.InternetAsync($"curl -s -m3 http://203.0.113.1:{chosen["hostPort"]}/")).Output.Trim());

        await Lab.OkAsync($"docker-compose -p shop -f {file} down");
        Assert.NotEqual(0, (await Lab.InternetAsync("curl -s -m1 http://203.0.113.1:8073/")).Status);
    }

    [Fact]
    public async Task B_InterfaceName_IsTheInterfaces_OrItIsSaidThatTheEngineDoesNotHeedIt()
    {
        Assert.SkipUnless(Lab.Engine.HasInterfaceNames, "the Compose beside this engine has no interface_name");
        var file = Path.Combine(Lab.Folder, "name-compose.yml");
        await File.WriteAllTextAsync(file, """
            services:
              server:
                container_name: server-of-shop
                image: lab
                command: sleep 600
                networks: { web: { interface_name: front0 } }
            networks:
              web: { driver: cni }
            """);
        await Lab.OkAsync($"docker-compose -p shop -f {file} up -d");
        var links = await Lab.DockerAsync("exec server-of-shop ip -o link");
        Assert.Contains(Lab.Engine.HeedsInterfaceNames ? " front0@" : " eth0@", links, StringComparison.Ordinal);
        const string Remark = "com.docker.network.endpoint.ifname from Docker 29.8 on";
        Assert.Equal(!Lab.Engine.HeedsInterfaceNames,
            (await Lab.OkAsync($"COLUMNS=300 {Lab.Cnid} attachments")).Contains(Remark, StringComparison.Ordinal));
        await Lab.OkAsync($"docker-compose -p shop -f {file} down");
    }
}
