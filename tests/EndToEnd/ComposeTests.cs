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
}
