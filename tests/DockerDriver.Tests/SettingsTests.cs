using DockerDriver.Hosting;

namespace DockerDriver.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void Read_FlagBeatsEnvironment() =>
        Assert.Equal("/flag", SettingsSources.Read(new Dictionary<string, string> { ["state-dir"] = "/flag" }, name => name == "CNID_STATE_DIR" ? "/environment" : null).StateDir);

    [Theory]
    [InlineData("state-dir", "relative")]
    [InlineData("timeout", "60")]
    [InlineData("log-format", "xml")]
    public void Read_BadValue_NamesTheSetting(string key, string value) => Assert.Contains(
        $"--{key}", Assert.Throws<SettingsException>(() => SettingsSources.Read(new Dictionary<string, string> { [key] = value }, _ => null)).Message, StringComparison.Ordinal);
}
