using DockerDriver.Errors;
using DockerDriver.Listeners;

namespace DockerDriver.Tests.Listeners;

public sealed class UnixSocketTests
{
    [Fact]
    public void RemoveStaleSocket_WhereTheFileIsNoSocket_LeavesIt_AndNamesTheSetting()
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "somebody's");
        Assert.Contains("--admin-socket",
            Assert.Throws<SettingsException>(() => UnixSocket.RemoveStaleSocket(path, "--admin-socket")).Message,
            StringComparison.Ordinal);
        Assert.Equal("somebody's", File.ReadAllText(path));
        File.Delete(path);
    }
}
