using System.Diagnostics;
using CniCore.Linux.Namespaces;

namespace DockerDriver.Tests.Startup;

/// <summary>What root can do with the capabilities and the umask of the shipped unit.</summary>
public sealed class UnitCapabilitiesTests : IDisposable
{
    private const string Plugins = "/usr/lib/cni";
    private const string List = """
        {"cniVersion":"1.0.0","name":"pods","plugins":[
            {"type":"bridge","bridge":"pods0","ipam":{"type":"host-local","subnet":"10.77.0.0/24"}},
            {"type":"tuning","mtu":1400}]}
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;

    public UnitCapabilitiesTests() => Assert.SkipUnless(Environment.UserName == "root", "needs root: capabilities");

    public void Dispose()
    {
        NetworkNamespace.Unpin(Path.Combine(folder, "space"));
        Directory.Delete(folder, recursive: true);
    }

    // Its folder has mode 0600: only with CAP_DAC_OVERRIDE can a file be created in it.
    [Fact]
    public void C_ReferenceTuning_WithMtu_KeepsItsRecord()
    {
        Assert.SkipUnless(File.Exists(Path.Combine(Plugins, "tuning")), $"needs the reference plugins in {Plugins}");
        using var space = NetworkNamespace.CreatePinned(Path.Combine(folder, "space"));
        File.WriteAllText(Path.Combine(folder, "pods.conflist"), List);
        string[] settings = [$"NETCONFPATH={folder}", $"CNI_PATH={Plugins}", $"CNID_STATE_DIR={folder}/state", $"CNID_RUN_DIR={folder}/run",
            "CNID_BUILTIN=off", "CNID_ADMIT=off"];

        Assert.Equal((0, ""), Run($"env {string.Join(' ', settings)} {CnidFile.Path} add pods {folder}/space > {folder}/result"));
        Assert.Equal((0, ""), Run($"env {string.Join(' ', settings)} {CnidFile.Path} del pods {folder}/space"));
        Run("ip link delete pods0");
    }

    // Under userns-remap all of a container's files are the remapped root's.
    [Fact]
    public void C_FilesOfAnotherUser_CanBeWritten()
    {
        var container = Directory.CreateDirectory(Path.Combine(folder, "container")).FullName;
        File.WriteAllText(Path.Combine(container, "hosts"), "");
        Assert.Equal((0, ""), Run($"echo more >> {container}/hosts; cat {container}/hosts > /dev/null",
            $"chown -R 100000:100000 {container}; chmod 0710 {container}; chmod 0644 {container}/hosts"));
    }

    private static (int Status, string Errors) Run(string command, string before = "true")
    {
        var unit = File.ReadAllLines(Path.Combine(CnidFile.Repository, "plugin-config/systemd/cnid.service"));
        string Of(string key) => unit.Single(line => line.StartsWith(key + '=', StringComparison.Ordinal))[(key.Length + 1)..];
        var rights = string.Concat(Of("CapabilityBoundingSet").Split(' ')
            .Select(right => $",+{right["CAP_".Length..].ToLowerInvariant()}"));
        var script = $"{before}; umask {Of("UMask")}; exec setpriv --no-new-privs --bounding-set -all{rights} sh -c \"$0\"";
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", script, command]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }
}
