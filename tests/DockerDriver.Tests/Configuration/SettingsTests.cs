using System.Diagnostics;
using System.Runtime.CompilerServices;
using DockerDriver.Configuration;
using DockerDriver.Errors;

namespace DockerDriver.Tests.Configuration;

public sealed class SettingsTests
{
    private static readonly string Example =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../plugin-config/cnid.json"));

    [Fact]
    public void Read_FlagBeatsEnvironment() =>
        Assert.Equal("/flag", SettingsSources.Read(new Dictionary<string, string> { ["state-dir"] = "/flag" }, name =>
            name == "CNID_STATE_DIR" ? "/environment" : null).StateDir);

    [Theory]
    [InlineData("state-dir", "relative")]
    [InlineData("timeout", "60")]
    [InlineData("log-format", "xml")]
    [InlineData("docker-host", "/var/run/docker.sock")]
    [InlineData("docker-host", "unix://run/docker.sock")]
    [InlineData("docker-host", "https://127.0.0.1:2376")]
    public void Read_BadValue_NamesTheSetting(string key, string value) => Assert.Contains(
        $"--{key}", Assert.Throws<SettingsException>(() =>
            SettingsSources.Read(new Dictionary<string, string> { [key] = value }, _ => null)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_BrokenFile_SaysLineAndCharacter()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "{\n  \"timeout\": ten\n}");
        var fault = Assert.Throws<SettingsException>(() =>
            SettingsSources.Read(new Dictionary<string, string> { ["config"] = file }, _ => null));
        File.Delete(file);
        Assert.StartsWith($"{file}: not JSON, line 2, at character 15 ('e'): 'ten", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chown 1234 cnid.json", "cnid.json belongs to uid 1234, who can change it: chown root ")]
    [InlineData("chmod 666 cnid.json", "cnid.json can be changed by others: chmod go-w ")]
    [InlineData("chmod 777 .", " can be changed by others: chmod go-w ")]
    public void Read_FileThatOthersCanChange_IsRefused(string command, string words)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to give files to others");
        var folder = Directory.CreateTempSubdirectory().FullName;
        var file = Path.Combine(folder, "cnid.json");
        File.WriteAllText(file, "{}");
        using (var shell = Process.Start(new ProcessStartInfo("sh", ["-ec", command]) { WorkingDirectory = folder })!)
            shell.WaitForExit();

        var fault = Assert.Throws<SettingsException>(() =>
            SettingsSources.Read(new Dictionary<string, string> { ["config"] = file }, _ => null));
        Directory.Delete(folder, recursive: true);
        Assert.Contains(words, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkfifo cnid.json")]
    [InlineData("ln -s /dev/zero cnid.json")]
    [InlineData("mkdir cnid.json")]
    public async Task Read_NoRegularFile_IsOneClearLine(string command)
    {
        var folder = Directory.CreateTempSubdirectory();
        await Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = folder.FullName })!.WaitForExitAsync();
        var file = Path.Combine(folder.FullName, "cnid.json");

        var fault = await Assert.ThrowsAsync<SettingsException>(() =>
            Task.Run(() => SettingsSources.Read(new Dictionary<string, string> { ["config"] = file }, _ => null))
                .WaitAsync(TimeSpan.FromSeconds(10)));

        folder.Delete(recursive: true);
        Assert.Equal($"{file} is not a regular file: remove it, or put one in its place", fault.Message);
    }

    [Fact]
    public void Example_HasEverySetting_WithItsDefault()
    {
        var copy = Path.GetTempFileName(); // its own folder may be anybody's
        File.Copy(Example, copy, overwrite: true);
        File.SetUnixFileMode(copy, UnixFileMode.UserRead);
        var read = SettingsSources.Read(new Dictionary<string, string> { ["config"] = copy }, _ => null);
        File.Delete(copy);
        var defaults = new Settings();
        Assert.Equal(defaults.PluginDirs, read.PluginDirs);
        Assert.Equal(defaults, read with { PluginDirs = defaults.PluginDirs });
        Assert.All(SettingKey.All, key => Assert.Contains($"\"{key.Name}\":", File.ReadAllText(Example), StringComparison.Ordinal));
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
