using System.Text.Json.Nodes;
using DockerDriver.OciRuntime;

namespace DockerDriver.Tests.OciRuntime;

public sealed class BundleTests : IDisposable
{
    private const string Config = """
        {"ociVersion":"1.0.2-dev","process":{"args":["sh","-c","echo \u003c\u00e9\ud83d\ude00"],"rlimits":[{"type":"RLIMIT_NOFILE",
         "hard":18446744073709551615,"soft":1.0e3}]},
         "mounts":[{"destination":"/proc","type":"proc","source":"proc"},{"destination":"/etc/hosts","source":"ROOT/containers/c1/hosts"}],
         "hooks":{"prestart":[{"path":"/proc/1/exe","args":["libnetwork-setkey"]}]},
         "linux":{"namespaces":[{"type":"mount"},{"type":"network"}],"unknown":null}}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string ConfigFile => Path.Combine(folder, "config.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void AddCreateRuntimeHook_ChangesNothingElse()
    {
        Write(Config);
        File.SetUnixFileMode(ConfigFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);

        AddHook();

        var changed = JsonNode.Parse(File.ReadAllText(ConfigFile))!;
        Assert.Equal("""[{"path":"/usr/bin/cnid","args":["cnid","attach-hook"],"timeout":35}]""",
            changed["hooks"]!["createRuntime"]!.ToJsonString());
        changed["hooks"]!.AsObject().Remove("createRuntime");
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Config), changed));
        Assert.Contains("18446744073709551615", changed.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead, File.GetUnixFileMode(ConfigFile));
        Assert.Equal(["config.json"], Directory.EnumerateFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void AddCreateRuntimeHook_Twice_IsThereOnce()
    {
        Write(Config);

        AddHook();
        AddHook();

        Assert.Single(JsonNode.Parse(File.ReadAllText(ConfigFile))!["hooks"]!["createRuntime"]!.AsArray());
    }

    [Theory]
    [InlineData("""{"linux":{"namespaces":[{"type":"network"}]}}""", true)]
    [InlineData("""{"linux":{"namespaces":[{"type":"network","path":""}]}}""", true)]
    [InlineData("""{"linux":{"namespaces":[{"type":"network","path":"/proc/7/ns/net"}]}}""", false)] // --network container:ID
    [InlineData("""{"linux":{"namespaces":[{"type":"pid"}]}}""", false)] // --network host
    [InlineData("{}", false)]
    public void HasNewNetworkNamespace_IsReadFromTheNamespaces(string config, bool expected)
    {
        Write(config);

        Assert.Equal(expected, Bundle.Open(folder).HasNewNetworkNamespace);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    public void Open_WhatIsNoConfiguration_NamesTheFile(string config)
    {
        Write(config);

        Assert.StartsWith(ConfigFile + ": ", Assert.Throws<OciRuntimeException>(() => Bundle.Open(folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Container_IsFoundByItsMounts_WhateverDockersRootIsCalled()
    {
        var docker = Directory.CreateDirectory(Path.Combine(folder, "containers", "c1")).FullName;
        File.WriteAllText(Path.Combine(docker, "config.v2.json"),
            """{"Name":"/web","Config":{"Labels":{"cni.networks":"podnet"},"Tty":true}}""");
        File.WriteAllText(Path.Combine(docker, "hostconfig.json"), """{"NetworkMode":"none","Binds":null}""");
        Write(Config.Replace("ROOT", folder, StringComparison.Ordinal));

        var container = ContainerOnDisk.Find(Bundle.Open(folder), "c1")!;

        Assert.Equal((docker, "web", true, "podnet"),
            (container.Folder, container.Name, container.IsOnNone, container.Labels["cni.networks"]));
        Assert.Null(ContainerOnDisk.Find(Bundle.Open(folder), "c2"));
    }

    private void Write(string config) => File.WriteAllText(ConfigFile, config);

    private void AddHook() => Bundle.Open(folder).AddCreateRuntimeHook("/usr/bin/cnid", ["cnid", "attach-hook"], TimeSpan.FromSeconds(35));
}
