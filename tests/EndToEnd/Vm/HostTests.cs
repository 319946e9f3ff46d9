namespace EndToEnd.Vm;

/// <summary>What else may be the matter with a host: NetworkManager, a full disk, a clock that nobody has set yet.</summary>
public sealed class HostTests(VmDisk disk) : VmTest(disk)
{
    // Interfaces and their addresses, without what changes by itself.
    private const string Interfaces = "ip -o address | sed 's/ tentative//; s/valid_lft.*//'; ip -o link | sed 's/ qlen.*//'";

    [Fact]
    public async Task NetworkManager_LeavesInterfacesAlone()
    {
        await Machine.OkAsync("systemctl enable --now NetworkManager");
        await ListAsync("pods", 77);
        await NetworkOfAsync("pods");
        await Machine.OkAsync("""
            docker network create -d cni web
            docker run -d --name generated --network web -p 8080:80 lab httpd -f -h /www
            docker run -d --name list --network pods -p 8081:80 lab httpd -f -h /www
            """);
        await PacketsPassAsync(("generated", 8080), ("list", 8081));
        await EventuallyAsync("test $(nmcli -t -g RUNNING general) = running");
        var before = await Machine.OkAsync(Interfaces);
        // It looks at every interface anew, and says when it is done with them.
        await Machine.OkAsync("systemctl restart NetworkManager && nm-online -s -q -t 100");
        Assert.Equal(before, await Machine.OkAsync(Interfaces));
        await PacketsPassAsync(("generated", 8080), ("list", 8081));
        await Machine.OkAsync(
            "nmcli -t -f DEVICE,STATE device > /run/devices; ! grep -vE ':(unmanaged|connected .externally.)$' /run/devices");
        await Machine.OkAsync("docker restart -t0 generated list");
        await PacketsPassAsync(("generated", 8080), ("list", 8081));
    }

    [Fact]
    public async Task StateDirIsFull_OneClearRefusal_NothingHalfMade_AndItGoesOnWithSpace()
    {
        await Machine.OkAsync("""
            systemctl stop cnid.socket cnid
            truncate -s 4M /small
            mkfs.ext4 -q -m0 /small
            mount -o loop /small /var/lib/cnid
            systemctl start cnid.socket cnid
            docker network create -d cni web
            docker run -d --name server --network web -p 8080:80 lab httpd -f -h /www
            """);
        var before = await Machine.OkAsync(Interfaces);
        await Machine.RunAsync("cat /dev/zero > /var/lib/cnid/filler; for n in $(seq 2000); do : > /var/lib/cnid/filler$n || break; done");

        foreach (var refused in new[] { "docker network create -d cni other", "docker run --rm --network web -p 8081:80 lab true" })
        {
            var said = await Machine.RunAsync(refused);
            Assert.NotEqual(0, said.Status);
            Assert.Contains("No space left on device", said.Text, StringComparison.Ordinal);
        }
        Assert.Equal(before, await Machine.OkAsync(Interfaces));
        Assert.Equal("1", await Machine.OkAsync("cnid attachments --json | grep -c '\"phase\"'"));
        await PacketsPassAsync(("server", 8080));

        await Machine.OkAsync("rm /var/lib/cnid/filler*");
        await Machine.OkAsync("docker network create -d cni other && docker run --rm --network other -p 8081:80 lab ping -c1 203.0.113.2");
        await Machine.OkAsync("docker network rm other && docker rm -f server && docker network rm web");
        Assert.Equal("", await Machine.OkAsync(
            "find /var/lib/cnid -name '*.json' -o -name '*.new'; ! cnid attachments --json | grep phase"));
    }

    [Fact]
    public async Task ClockIsAt1970UntilItIsSet_WhatFailsIsTriedAgainAllTheSame()
    {
        await Machine.OkAsync("""
            mkdir -p /opt/cni/bin
            cat > /opt/cni/bin/late <<'E'
            #!/bin/sh
            case $CNI_COMMAND in VERSION) echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}'; exit 0;; esac
            [ -e /run/network-is-there ] || { echo '{"cniVersion":"1.0.0","code":11,"msg":"not yet"}'; exit 1; }
            [ $CNI_COMMAND = DEL ] || python3 -c 'import json,sys; print(json.dumps(json.load(sys.stdin)["prevResult"]))'
            E
            chmod +x /opt/cni/bin/late; touch /run/network-is-there
            """);
        await ListAsync("pods", 77);
        await ListAsync("late", 78);
        await Machine.OkAsync("""sed -i 's/{"type":"firewall"}/{"type":"firewall"},{"type":"late"}/' /etc/cni/net.d/late.conflist""");
        await NetworkOfAsync("pods");
        await NetworkOfAsync("late");
        await Machine.OkAsync("""
            docker run -d --restart always --name early --network pods -p 8080:80 lab httpd -f -h /www
            docker run -d --restart always --name late --network late -p 8081:80 lab httpd -f -h /www
            """);
        await Machine.OffAsync();

        await Machine.BootAsync("clock=1000");
        Assert.Equal("1970", await Machine.OkAsync("date +%Y"));
        await PacketsPassAsync(("early", 8080));
        await EventuallyAsync("cnid attachments | grep -A1 'late.*waiting' | grep -q 'not yet'");
        await Machine.OkAsync("date -s 2026-07-01; touch /run/network-is-there");
        await PacketsPassAsync(("late", 8081));
        await Machine.OkAsync("rm /run/network-is-there; docker rm -f late; date -s 2026-06-01");
        await EventuallyAsync("cnid attachments | grep -q 'DEL has failed'");
        await Machine.OkAsync("touch /run/network-is-there; date -s 2026-07-02");
        await EventuallyAsync("! cnid attachments | grep -q 'DEL has failed'", 90);
        await Machine.OkAsync("docker rm -f early; docker network rm pods late; cnid health --ready");
    }
}
