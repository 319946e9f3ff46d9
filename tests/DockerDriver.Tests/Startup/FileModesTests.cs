using System.Diagnostics;
using System.Text;
using DockerDriver.Admin;

namespace DockerDriver.Tests.Startup;

/// <summary>The modes of files that <c>cnid</c> creates under permissive umasks.</summary>
public sealed class FileModesTests : IDisposable
{
    private const UnixFileMode OwnerAll = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode OthersAll =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
    private const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("000")]
    [InlineData("077")]
    [InlineData("777")]
    public async Task C_StateAndRunFolders_UnderAnyUmask_AreTheirOwnersAlone(string umask)
    {
        var old = Directory.CreateDirectory(Path.Combine(State, "pools")).FullName;
        File.SetUnixFileMode(old, OwnerAll | OthersAll); // as an earlier version left it
        Directory.CreateDirectory(Run);
        using var daemon = Start(umask, "serve");
        try
        {
            Assert.Equal("", await ListenAsync(daemon));
            Write("conf/odd.conf", """{"cniVersion":"1.0.0","name":"odd","type":"odd"}""");
            Write("bin/odd", "#!/bin/sh\necho '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[\"1.0.0\"]}'");
            var network = Ask("/NetworkDriver.CreateNetwork", """
                {"NetworkID":"n1","Options":{"com.docker.network.generic":{"cni.network":"odd"}},
                    "IPv4Data":[{"AddressSpace":"","Pool":"0.0.0.0/0","Gateway":"0.0.0.0/0","AuxAddresses":null}],"IPv6Data":[]}
                """);
            Assert.Equal("{}", network);
            using (var added = Start(umask, "add odd /proc/self/ns/net > /dev/null"))
                Assert.Equal("", await EndAsync(added));

            var made = Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories).Where(path => path != old).ToList();
            Assert.Contains(Path.Combine(State, "networks", "n1.json"), made);
            Assert.Contains(made, path => Path.GetDirectoryName(path) == Path.Combine(State, "attachments"));
            Assert.Contains(made, path => Path.GetDirectoryName(path) == Path.Combine(Run, "locks"));
            Assert.All(made, path => Assert.Equal((path, default), (path, File.GetUnixFileMode(path) & WrittenByOthers)));
            Assert.All(made.Where(Directory.Exists), path => Assert.Equal((path, OwnerAll), (path, File.GetUnixFileMode(path) & OwnerAll)));
            Assert.All(made.Where(path => path.StartsWith(State + "/", StringComparison.Ordinal)
                || path.EndsWith(".sock", StringComparison.Ordinal)),
                path => Assert.Equal((path, default), (path, File.GetUnixFileMode(path) & OthersAll)));
            Assert.Equal(default, File.GetUnixFileMode(old) & WrittenByOthers);
        }
        finally
        {
            daemon.Kill();
            await daemon.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Theory]
    [InlineData("mkdir there; mkdir above; ln -s ../there above/state", "state-dir: FOLDER/above/state is a symbolic link")]
    [InlineData("mkdir there; ln -s there run", "run-dir: FOLDER/run is a symbolic link")]
    [InlineData("mkdir -p there above/state; ln -s ../../there above/state/pools", "state-dir: FOLDER/above/state/pools is a symbolic")]
    [InlineData("mkdir run; ln -s /nowhere run/locks", "run-dir: FOLDER/run/locks is a symbolic link")]
    [InlineData("mkdir -p above/state; chown 1234 above/state",
        "state-dir: FOLDER/above/state belongs to uid 1234, who can change it: chown root")]
    [InlineData("mkdir -p run/netns; chown 1234 run/netns", "run-dir: FOLDER/run/netns belongs to uid 1234")]
    public async Task Folder_ThatIsALink_OrAnothers_StopsTheStart_WithOneLine(string command, string words)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to give folders to others");
        using (var shell = Process.Start(new ProcessStartInfo("sh", ["-ec", command]) { WorkingDirectory = folder })!)
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        using var daemon = Start("022", "serve");

        var said = await EndAsync(daemon);
        Assert.StartsWith("cnid: " + words.Replace("FOLDER", folder, StringComparison.Ordinal), said, StringComparison.Ordinal);
        Assert.Single(said.TrimEnd().Split('\n'));
        Assert.Equal(2, daemon.ExitCode);
    }

    private string State => Path.Combine(folder, "above", "state");

    private string Run => Path.Combine(folder, "run");

    private Process Start(string umask, string words) =>
        Process.Start(new ProcessStartInfo("sh", ["-c", $"umask {umask}; exec {CnidFile.Path} {words}"])
        {
            RedirectStandardError = true,
            Environment =
            {
                ["CNID_STATE_DIR"] = State, ["CNID_RUN_DIR"] = Run, ["CNID_CONF_DIR"] = Path.Combine(folder, "conf"),
                ["CNID_PLUGIN_DIRS"] = Path.Combine(folder, "bin"), ["CNID_DOCKER_HOST"] = $"unix://{folder}/none.sock",
                ["CNID_PLUGIN_SOCKET"] = Socket, ["CNID_ADMIN_SOCKET"] = Path.Combine(Run, "admin.sock"), ["CNID_LOG_LEVEL"] = "error",
            },
        })!;

    private string Socket => Path.Combine(folder, "sockets", "cni.sock");

    // The sockets are there, and closed, as soon as it answers.
    private async Task<string> ListenAsync(Process daemon)
    {
        while (!daemon.HasExited)
        {
            try
            {
                return AdminClient.Ask(Path.Combine(Run, "admin.sock"), "GET", "/health", [], Patience).IsSuccess ? "" : "no";
            }
            catch (IOException)
            {
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }
        }
        return await daemon.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private string Ask(string path, string body) =>
        Encoding.UTF8.GetString(AdminClient.Ask(Socket, "POST", path, Encoding.UTF8.GetBytes(body), Patience).Body);

    private void Write(string name, string text)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, OwnerAll);
    }

    private static async Task<string> EndAsync(Process run)
    {
        var said = await run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said;
    }
}
