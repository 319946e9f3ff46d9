using DockerDriver.Configuration;
using DockerDriver.Doctor;
using DockerDriver.Startup;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Doctor;

public sealed class StateCheckTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task C_FilesThatCannotBeRead_AreFindings()
    {
        var settings = new Settings { ConfDir = Path.Combine(folder, "conf"), StateDir = folder };
        Directory.CreateDirectory(settings.NetworksFolder);
        Directory.CreateDirectory(Path.Combine(settings.NetworksFolder, "folder.json"));
        Directory.CreateDirectory(Path.Combine(settings.NetworksFolder, "aside.json.kept"));
        await File.WriteAllTextAsync(Path.Combine(settings.NetworksFolder, "later.json"), """{"schema":7}""",
            TestContext.Current.CancellationToken);
        var cni = CniComposition.ForVerb(settings, NullLoggerFactory.Instance);
        var host = await DoctorContext.ReadAsync(
            settings, cni.Firewall, cni.Runtime, TestContext.Current.CancellationToken);

        var findings = await new StateCheck().RunAsync(host, TestContext.Current.CancellationToken);

        Assert.Equal(
            [
                (FindingState.Warn, $"{folder}/networks/folder.json cannot be read: {folder}/networks/folder.json is not a regular file: "
                    + "remove it, or put one in its place"),
                (FindingState.Warn,
                    $"{folder}/networks/later.json cannot be read: a later version wrote it: its schema is 7, this one reads 1"),
                (FindingState.Warn, $"{folder}/networks/aside.json.kept could not be read and was set aside"),
            ],
            findings.Select(finding => (finding.State, finding.Found)));
    }
}
