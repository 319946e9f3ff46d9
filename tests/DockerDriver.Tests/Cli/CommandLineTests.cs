using DockerDriver.Cli;

namespace DockerDriver.Tests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("nets", "Unrecognized command or argument 'nets'; see: cnid --help")]
    [InlineData("inspect", "Required argument missing for command: 'inspect'; see: cnid inspect --help")]
    [InlineData("serve --plugin-socket", "Required argument missing for option: '--plugin-socket'; see: cnid serve --help")]
    [InlineData("network import", "Required argument missing for command: 'import'; see: cnid network import --help")]
    [InlineData("networks --loud", "Unrecognized command or argument '--loud'; see: cnid networks --help")]
    public void WrongUsage_IsOneLine_WithTheWayOut(string words, string complaint) =>
        Assert.Equal(complaint, ExitStatus.UsageError(CommandLine.Root().Parse(words)));

    [Theory]
    [InlineData("--help")]
    [InlineData("inspect --help")]
    [InlineData("--version")]
    public void Help_IsNoWrongUsage(string words) => Assert.Empty(CommandLine.Root().Parse(words).Errors);
}
