using System.Diagnostics;
using DockerDriver.Errors;
using DockerDriver.Sandboxes;

namespace DockerDriver.Tests.Sandboxes;

/// <summary>Whether a process belongs to a container.</summary>
public sealed class ContainerNamespacesTests
{
    private static readonly string Id = new('a', 64);

    [Theory]
    [InlineData("aaaa", true)]
    [InlineData("bbbb", false)]
    public async Task D_ContainerWithoutAControlGroupOfItsOwn_IsKnownByItsMounts(string start, bool isKnown)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: namespaces");
        var folder = Directory.CreateTempSubdirectory();
        var own = Directory.CreateDirectory(Path.Combine(folder.FullName, "containers", start + Id[4..])).FullName;
        await File.WriteAllTextAsync(Path.Combine(own, "hostname"), "", TestContext.Current.CancellationToken);
        using var process = Process.Start(new ProcessStartInfo(
            "unshare", ["--mount", "--net", "sh", "-c", $"mount --bind {own}/hostname /etc/hostname && echo ready && read end"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        var starting = new StartingContainer(Id, $"/proc/{process.Id}/ns/net", process.Id);

        if (isKnown)
            ContainerNamespaces.Open(starting).Dispose();
        else
            Assert.Contains("the container has ended", Assert.Throws<RefusedException>(() => ContainerNamespaces.Open(starting)).Message,
                StringComparison.Ordinal);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        folder.Delete(recursive: true);
    }
}
