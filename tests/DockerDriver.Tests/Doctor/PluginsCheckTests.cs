using DockerDriver.Configuration;
using DockerDriver.Doctor;
using DockerDriver.Startup;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Doctor;

public sealed class PluginsCheckTests : IDisposable
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task C_LinkToNothing_IsAFinding_AndHidesNoOther()
    {
        var (first, second) = (Directory.CreateDirectory(Path.Combine(folder, "first")).FullName,
            Directory.CreateDirectory(Path.Combine(folder, "second")).FullName);
        File.CreateSymbolicLink(Path.Combine(first, "mine"), "/nothing");
        File.CreateSymbolicLink(Path.Combine(first, "round"), "round");
        Plugin(Path.Combine(second, "mine"));
        var settings = new Settings
        {
            PluginDirs = [first, second], ConfDir = Path.Combine(folder, "conf"),
            StateDir = Path.Combine(folder, "state")
        };
        var cni = CniComposition.ForVerb(settings, NullLoggerFactory.Instance);
        var host = await DoctorContext.ReadAsync(
            settings, cni.Firewall, cni.Runtime, TestContext.Current.CancellationToken);

        var findings = await new PluginsCheck().RunAsync(host, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                (FindingState.Warn, $"{first}/mine is a link to /nothing, which does not exist", $"rm {first}/mine"),
                (FindingState.Warn, $"{first}/round is a link to round, which does not exist", $"rm {first}/round"),
                (FindingState.Ok, $"{second}: mine (to 1.0.0)", ""),
            ],
            findings.Select(finding => (finding.State, finding.Found, finding.Fix)));
    }

    private static void Plugin(string path)
    {
        File.WriteAllText(path, "#!/bin/sh\necho '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"0.4.0\",\"1.0.0\"]}'\n");
        File.SetUnixFileMode(path, Executable);
    }
}
