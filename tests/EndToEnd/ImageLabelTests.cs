using EndToEnd.Host;

namespace EndToEnd;

/// <summary>Whoever makes an image does not choose the networks of whoever runs it.</summary>
public sealed class ImageLabelTests(Lab lab) : NoneNetworkTest(lab)
{
    private const string Guest = "lab-labelled sleep 600";

    [Theory]
    [InlineData("")]
    [InlineData("--runtime cni")]
    [InlineData("--runtime cni-by-arguments")]
    public async Task A9_LabelsOfTheImage_GrantNoNetworkAndNoPort(string runtime)
    {
        await NetworkAsync();
        await ImageAsync("LABEL cni.networks=pods cni.ports=8080:80");

        var id = await Lab.DockerAsync($"run -d --name guest --network none {runtime} {Guest}");
        await ImageCheckedAsync(id);

        Assert.Equal("lo", await InAsync("guest", "busybox ls /sys/class/net"));
        Assert.Equal("", await PhaseAsync("guest"));
        Assert.Contains($"{id[..12]} labels cni.networks, cni.ports come from the image and have no effect", Lab.CnidLog,
            StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f guest");
    }

    [Theory]
    [InlineData("")]
    [InlineData("--runtime cni")]
    public async Task A9_LabelsOfTheUser_Count_BesideThoseOfTheImage(string runtime)
    {
        await NetworkAsync();
        await ImageAsync("LABEL cni.networks=others cni.ports=8080:80 cni.on-failure=keep");

        await Lab.DockerAsync($"run -d --name guest --network none {runtime} --label cni.networks=pods {Guest}");
        await AttachedAsync("guest");

        Assert.StartsWith("10.77.0.", await AddressAsync("guest"), StringComparison.Ordinal);
        Assert.DoesNotContain("8080", await Lab.OkAsync("cat /var/lib/cnid/containers/*.json"), StringComparison.Ordinal);
        await RemoveAsync();
    }

    [Fact]
    public async Task A9_Setting_TrustsImages()
    {
        await NetworkAsync();
        await ImageAsync("LABEL cni.networks=pods");
        await Lab.RestartCnidAsync("CNID_IMAGE_LABELS=trust");
        await Lab.OkAsync("echo '{\"image-labels\":\"trust\"}' > /etc/cnid/cnid.json"); // what the runtime reads

        await Lab.DockerAsync($"run -d --name event --network none {Guest}");
        await AttachedAsync("event");
        await Lab.DockerAsync($"run -d --name runtime --network none --runtime cni {Guest}");
        await AttachedAsync("runtime");

        await Lab.DockerAsync("rm -f event runtime");
        await GoneAsync("event");
        await GoneAsync("runtime");
        await Lab.OkAsync("rm /etc/cnid/cnid.json");
        await Lab.RestartCnidAsync();
        await RemoveBridgeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--runtime cni")]
    public async Task A9_ImageRemovedAfterCreate_TheRecordedVerdictHolds(string runtime)
    {
        await NetworkAsync();
        await ImageAsync("LABEL cni.ports=8080:80");
        var id = await Lab.DockerAsync($"create --name guest --network none {runtime} --label cni.networks=pods {Guest}");
        await ImageCheckedAsync(id);
        await Lab.DockerAsync("rmi -f lab-labelled");

        await Lab.DockerAsync("start guest");
        await AttachedAsync("guest");

        await RemoveAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--runtime cni")]
    public async Task A9_UnknownImage_NewStartFailsClosed_RunningContainerKeepsItsNetwork(string runtime)
    {
        await NetworkAsync();
        await ImageAsync("LABEL colour=red");
        var id = await Lab.DockerAsync($"run -d --name guest --network none {runtime} --label cni.networks=pods {Guest}");
        await AttachedAsync("guest");
        var address = await AddressAsync("guest");
        // In the engine's own image store, or in containerd's, which is a new host's from Docker 29 on.
        var digest = (await Lab.DockerAsync("inspect -f {{.Image}} guest"))["sha256:".Length..];
        var image = await Lab.OkAsync($"find {Lab.Folder}/data -type f -path '*/sha256/{digest}'");
        await Lab.StopCnidAsync("TERM");
        await ForgetImageCheckAsync(id);
        await Lab.OkAsync($"mv {image} {image}.away");
        await Lab.StartCnidAsync();

        // Another container that is looked at: this one has been by then.
        await RunAsync("other", "--label cni.networks=pods");
        Assert.Equal(address, await AddressAsync("guest"));

        await Lab.StopCnidAsync("TERM");
        await Lab.OkAsync($"mv {image}.away {image}");
        await Lab.DockerAsync("stop -t 0 guest");
        await Lab.DockerAsync("rmi -f lab-labelled");
        await Lab.RunAsync($"docker rmi -f sha256:{digest}"); // containerd's store has only taken its name away
        await ForgetImageCheckAsync(id);
        await Lab.StartCnidAsync();
        var said = (await Lab.RunAsync("docker start guest")).Text;
        await Lab.EventuallyAsync("it does not run", async () => await Lab.DockerAsync("inspect -f {{.State.Running}} guest") == "false");
        Assert.Contains("cannot determine which labels cni.… are the container's and which its image's", runtime.Length > 0
            ? said
            : Lab.CnidLog, StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f other");
        await GoneAsync("other");
        await RemoveAsync();
    }

    [Fact]
    public async Task A9_DefaultNetworks_LeaveContainersOfOtherToolsAlone()
    {
        await NetworkAsync();
        await Lab.RestartCnidAsync("CNID_DEFAULT_NETWORKS=pods");
        await Lab.OkAsync("echo '{\"default-networks\":\"pods\"}' > /etc/cnid/cnid.json");
        await Lab.DockerAsync("run -d --name sandbox --network none --label io.kubernetes.docker.type=podsandbox lab sleep 600");
        await Lab.DockerAsync(
            "run -d --name sandbox2 --network none --runtime cni --label io.kubernetes.docker.type=podsandbox lab sleep 600");
        await Lab.StopCnidAsync("TERM");
        await Lab.DockerAsync("run -d --name taken --network none lab sleep 600");
        await Lab.OkAsync("nsenter -t $(docker inspect -f '{{.State.Pid}}' taken) -n ip link add their0 type veth peer name their1");
        await Lab.StartCnidAsync("CNID_DEFAULT_NETWORKS=pods");

        await Lab.DockerAsync("run -d --name plain --network none lab sleep 600");
        await AttachedAsync("plain");
        await Lab.EventuallyAsync("the one with an interface has been looked at", () =>
            Task.FromResult(Lab.CnidLog.Contains("of another program", StringComparison.Ordinal)));

        foreach (var name in (string[])["sandbox", "sandbox2", "taken"])
            Assert.DoesNotContain("eth0", await InAsync(name, "busybox ls /sys/class/net"), StringComparison.Ordinal);
        await Lab.DockerAsync("rm -f plain sandbox sandbox2 taken");
        await GoneAsync("plain");
        await Lab.OkAsync("rm /etc/cnid/cnid.json");
        await Lab.RestartCnidAsync();
        await RemoveBridgeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("--runtime cni")]
    public async Task A9_WithContainerdsImageStore_TheContainersOwnPlatformIsMeant(string runtime)
    {
        Assert.SkipUnless(Lab.Engine.HasContainerdImages, "this engine has no image store of containerd's");
        await NetworkAsync();
        await Lab.RestartEngineAsync("TERM", "--feature containerd-snapshotter=true");
        await LoadPlatformsAsync();

        // The image of amd64 has the label, that of arm64 has none: set by the user, with the value that the other has.
        await Lab.DockerAsync(
            $"run -d --name foreign --platform linux/arm64 --network none {runtime} --label cni.networks=pods platforms sleep 600");
        await AttachedAsync("foreign");
        var id = await Lab.DockerAsync($"run -d --name guest --platform linux/amd64 --network none {runtime} platforms sleep 600");
        await ImageCheckedAsync(id);
        Assert.Equal("lo", await InAsync("guest", "busybox ls /sys/class/net"));

        await Lab.DockerAsync("rm -f guest foreign");
        await GoneAsync("foreign");
        await Lab.RestartEngineAsync("TERM");
        await RemoveBridgeAsync();
    }

    protected override Task ClearAsync() => Lab.RunAsync("docker rmi -f lab-labelled; rm -f /etc/cnid/cnid.json; ip link delete pods0");

    private Task NetworkAsync() => ListAsync("pods", Bridge + """,{"type":"portmap","capabilities":{"portMappings":true}}""");

    private Task<string> ImageAsync(string change) =>
        Lab.OkAsync($"tar -C {Lab.Folder}/image -c . | docker import --change '{change}' - lab-labelled");

    private Task ImageCheckedAsync(string id) =>
        Lab.EventuallyAsync("its labels are judged", async () =>
            (await Lab.RunAsync($"cat /var/lib/cnid/containers/{id}.json")).Output.Contains(
                "\"isJudged\": true", StringComparison.Ordinal));

    // As cnid 0.1 wrote it.
    private Task<string> ForgetImageCheckAsync(string id) => Lab.OkAsync($"sed -i '/isJudged/d' /var/lib/cnid/containers/{id}.json");

    private async Task RemoveAsync()
    {
        await Lab.DockerAsync("rm -f guest");
        await GoneAsync("guest");
        await RemoveBridgeAsync();
    }

    // An OCI layout of one layer, two configurations, two manifests and their index.
    private Task<string> LoadPlatformsAsync() => Lab.OkAsync("""
        python3 - FOLDER/image <<'E'
        import hashlib, io, json, subprocess, sys, tarfile
        blobs, out = {}, tarfile.open('/run/platforms.tar', 'w')
        def blob(data, kind):
            data = data if isinstance(data, bytes) else json.dumps(data).encode()
            digest = hashlib.sha256(data).hexdigest()
            blobs[digest] = data
            return {'mediaType': kind, 'digest': 'sha256:' + digest, 'size': len(data)}
        layer = blob(subprocess.check_output(['tar', '-C', sys.argv[1], '-c', '.']), 'application/vnd.oci.image.layer.v1.tar')
        manifests = []
        for architecture, labels in (('amd64', {'cni.networks': 'pods'}), ('arm64', {})):
            config = blob({'architecture': architecture, 'os': 'linux', 'config': {'Labels': labels}, 'rootfs': {'type': 'layers',
                'diff_ids': [layer['digest']]}}, 'application/vnd.oci.image.config.v1+json')
            manifest = blob({'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.manifest.v1+json', 'config': config,
                'layers': [layer]}, 'application/vnd.oci.image.manifest.v1+json')
            manifests.append(manifest | {'platform': {'architecture': architecture, 'os': 'linux'}})
        index = blob({'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json', 'manifests': manifests},
            'application/vnd.oci.image.index.v1+json')
        top = {'schemaVersion': 2, 'manifests': [index | {'annotations': {
            'io.containerd.image.name': 'docker.io/library/platforms:latest', 'org.opencontainers.image.ref.name': 'latest'}}]}
        files = {'oci-layout': b'{"imageLayoutVersion":"1.0.0"}',
            'index.json': json.dumps(top).encode()} | {'blobs/sha256/' + d: b for d, b in blobs.items()}
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            out.addfile(entry, io.BytesIO(data))
        out.close()
        E
        docker load -i /run/platforms.tar && rm /run/platforms.tar
        """.Replace("FOLDER", Lab.Folder, StringComparison.Ordinal));
}
