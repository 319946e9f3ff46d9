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

    [Fact]
    public void Example_HasEverySetting_WithItsDefault()
    {
        var read = SettingsSources.Read(new Dictionary<string, string> { ["config"] = Example }, _ => null);
        var defaults = new Settings();
        Assert.Equal(defaults.PluginDirs, read.PluginDirs);
        Assert.Equal(defaults, read with { PluginDirs = defaults.PluginDirs });
        Assert.All(SettingKey.All, key => Assert.Contains($"\"{key.Name}\":", File.ReadAllText(Example), StringComparison.Ordinal));
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
