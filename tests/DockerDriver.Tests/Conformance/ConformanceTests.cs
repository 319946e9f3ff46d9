using System.Diagnostics;
using System.Text.Json.Nodes;
using Conformance;

namespace DockerDriver.Tests.Conformance;

/// <summary>
/// <c>cnid conformance</c> must not blame a plugin for its neighbours: the reference's <c>tuning</c>, behind a faulty one.
/// </summary>
public sealed class ConformanceTests : IDisposable
{
    // Supports 0.4.0 only; its ADD returns a result only, and creates files that it never removes.
    private const string Neighbour = """
        #!/bin/sh
        config=$(cat)
        case $CNI_COMMAND in
            VERSION) echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}' ;;
            ADD) case $config in *'"cniVersion":"0.4.0"'*) ;; *) echo '{"cniVersion":"0.4.0","code":1,
             "msg":"not my version"}'; exit 1 ;; esac
                [ "$(cat MOUNT/config)" = mine ] || { echo '{"cniVersion":"0.4.0","code":100,"msg":"its configuration is not there"}';
                exit 1; }
                touch MOUNT/left-$CNI_CONTAINERID /var/lib/left-$CNI_CONTAINERID
                nsenter --net=$CNI_NETNS ip link add eth0 type veth peer name eth9 2> /dev/null
                echo '{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"'$CNI_NETNS'"}],"ips":[],"dns":{}}' ;;
            *) [ "$CNI_COMMAND" != DEL ] || nsenter --net=$CNI_NETNS ip link delete eth0 2> /dev/null || true ;;
        esac
        """;

    private const string Reference = "/usr/lib/cni";

    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;

    private string Mount => Path.Combine(folder, "mount");

    private string Plugins => Path.Combine(folder, "plugins");

    public ConformanceTests()
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: namespaces");
        Assert.SkipUnless(File.Exists($"{Reference}/tuning"), $"needs the reference plugins in {Reference}");
        Directory.CreateDirectory(Plugins);
        Directory.CreateDirectory(Mount);
        Run("mount", "-t", "tmpfs", "test", Mount);
        File.WriteAllText(Path.Combine(Mount, "config"), "mine\n");
        File.WriteAllText(Path.Combine(Plugins, "neighbour"), Neighbour.Replace("MOUNT", Mount, StringComparison.Ordinal));
        File.SetUnixFileMode(Path.Combine(Plugins, "neighbour"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose()
    {
        Run("umount", Mount); // in the mounts of the tests alone
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void C_Plugin_IsNotAccused_OfWhatItsNeighboursAre_OrDo()
    {
        File.WriteAllText(Path.Combine(folder, "list.conflist"),
            """{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"neighbour"},{"type":"tuning","mtu":1400}]}""");

        var findings = Conformance("tuning", "--config", Path.Combine(folder, "list.conflist"));

        Assert.Equal("Pass version 0.4.0", findings["add.works"]); // a version that both speak, and a file on a mount below /tmp
        Assert.Equal("Skip neighbour, with which it is tried, does not speak this version", findings["result.1.0.0"]);
        Assert.Equal("Pass ", findings["del.nothing-left"]);
        Assert.DoesNotContain(findings, finding => finding.Value.StartsWith("Fail", StringComparison.Ordinal));
        Assert.DoesNotContain(findings, finding =>
            finding.Value.StartsWith("Gap", StringComparison.Ordinal) && finding.Value.Contains("/left-", StringComparison.Ordinal));
        // reported for the user to judge
        Assert.Contains($"+ file {Mount}/left-conformance-", findings["del.network"], StringComparison.Ordinal);
        Assert.Equal(["config"], Directory.EnumerateFileSystemEntries(Mount).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("""[{"dst":"10.1.0.0/16"},{"dst":"0.0.0.0/0"}]""",
        """[{"dst":"0.0.0.0/0"},{"dst":"10.1.0.0/16","gw":"10.9.0.1"}]""", "", "")]
    [InlineData("""[{"dst":"0.0.0.0/0"}]""", """[{"dst":"0.0.0.0/1"}]""", "", "routes: 0.0.0.0/0 has become 0.0.0.0/1")]
    [InlineData("""[{"dst":"0.0.0.0/0"},{"dst":"10.1.0.0/16"}]""", """[{"dst":"10.2.0.0/16"}]""", "routes: 10.1.0.0/16 is missing",
        "routes: 0.0.0.0/0 has become 10.2.0.0/16")]
    [InlineData("""[{"dst":"fd00:0::/64"}]""", """[{"dst":"fd00::/64"},{"dst":"::/0"}]""", "", "")]
    [InlineData("""[{"dst":"::/0"}]""", "[]", "routes: ::/0 is missing", "")]
    public void C_RouteThatAPluginChanges_IsNotLost(string before, string after, string lost, string changed)
    {
        var found = PrevResultComparison.Compare(
            JsonNode.Parse($$"""{"routes":{{before}}}"""), JsonNode.Parse($$"""{"routes":{{after}}}"""));
        Assert.Equal((lost, changed), (string.Join("; ", found.Lost), string.Join("; ", found.Changed)));
    }

    // Verdict and observation by check id.
    private Dictionary<string, string> Conformance(params string[] arguments)
    {
        var (output, errors) =
            Run("env", [$"CNID_PLUGIN_DIRS={Plugins}:{Reference}", CnidFile.Path, "conformance", "--json", .. arguments]);
        Assert.True(output.Length > 0, errors);
        return JsonNode.Parse(output)![0]!["findings"]!.AsArray()
            .ToDictionary(finding => (string)finding!["id"]!, finding => $"{finding!["verdict"]} {finding["seen"]}");
    }

    private static (string Output, string Errors) Run(string program, params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (output, errors.Result);
    }
}
