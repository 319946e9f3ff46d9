using System.Diagnostics;

namespace DockerDriver.Tests.Startup;

/// <summary>The modes of files that <c>cnid</c> creates under permissive umasks.</summary>
public sealed class FileModesTests : IDisposable
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersAll =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("000")]
    [InlineData("777")]
    public async Task C_StateAndRunFolders_UnderAnyUmask_AreTheirOwnersAlone(string umask)
    {
        var (state, run) = (Path.Combine(folder, "above", "state"), Path.Combine(folder, "run"));
        var old = Directory.CreateDirectory(Path.Combine(state, "pools")).FullName;
        File.SetUnixFileMode(old, OwnerAll | OthersAll); // as an earlier version left it
        Directory.CreateDirectory(run);
        using var daemon = Process.Start(new ProcessStartInfo("sh", ["-c", $"umask {umask}; exec {CnidFile.Path} serve"])
        {
            RedirectStandardError = true,
            Environment =
            {
                ["CNID_STATE_DIR"] = state, ["CNID_RUN_DIR"] = run, ["CNID_CONF_DIR"] = folder,
                    ["CNID_DOCKER_HOST"] = $"unix://{folder}/none.sock",
                ["CNID_PLUGIN_SOCKET"] = Path.Combine(folder, "sockets", "cni.sock"),
                    ["CNID_ADMIN_SOCKET"] = Path.Combine(run, "admin.sock"),
            },
        })!;
        Assert.NotNull(daemon);
        try
        {
            var said = "";
            while (!File.Exists(Path.Combine(run, "admin.sock"))
                && await daemon.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                said += line + "\n";
            Assert.True(File.Exists(Path.Combine(run, "admin.sock")), said);
            Assert.All(Directory.EnumerateDirectories(state, "*", SearchOption.AllDirectories).Append(state), path =>
                Assert.Equal((path, OwnerAll), (path, File.GetUnixFileMode(path) & (OwnerAll | WrittenByOthers))));
            Assert.All(Directory.EnumerateDirectories(state).Where(path => path != old), path =>
                Assert.Equal((path, OwnerAll), (path, File.GetUnixFileMode(path))));
            Assert.All(Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories), path =>
                Assert.Equal((path, OwnerAll), (path, File.GetUnixFileMode(path) & (OwnerAll | WrittenByOthers))));
        }
        finally
        {
            daemon.Kill();
            await daemon.WaitForExitAsync(CancellationToken.None);
        }
    }
}
