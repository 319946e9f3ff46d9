using System.Diagnostics;
using CniCore.Linux.Files;

namespace CniCore.Tests.Linux;

/// <summary>Files are read within bounds, and a FIFO or a device is never waited for.</summary>
public sealed class RegularFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string TestPath => Path.Combine(folder, "conf");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("mkfifo conf")]
    [InlineData("mkdir conf")]
    [InlineData("ln -s /dev/zero conf")]
    [InlineData("mkfifo pipe; ln -s pipe conf")]
    public void ReadAllBytes_NoRegularFile_IsRefused_WithTheWayOut(string command)
    {
        Run(command);

        Assert.Equal($"{TestPath} is not a regular file: remove it, or put one in its place",
            Assert.ThrowsAny<IOException>(() => RegularFile.ReadAllBytes(TestPath)).Message);
    }

    [Fact]
    public void ReadAllBytes_BeyondTheLimit_IsRefused_AndNotRead()
    {
        using (var file = File.Create(TestPath))
            file.SetLength(100L << 30); // sparse: no machine could read it

        Assert.StartsWith($"{TestPath} is longer than {RegularFile.Limit} bytes",
            Assert.ThrowsAny<IOException>(() => RegularFile.ReadAllBytes(TestPath)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(RegularFile.Limit)]
    public void ReadAllBytes_UpToTheLimit_IsWhole_AlsoBehindALink(int length)
    {
        File.WriteAllBytes(Path.Combine(folder, "target"), [.. Enumerable.Repeat((byte)'a', length)]);
        Run("ln -s target conf");

        Assert.Equal(length, RegularFile.ReadAllBytes(TestPath).Length);
    }

    [Theory]
    [InlineData("/proc/sys/kernel/random/boot_id")]
    [InlineData("/proc/self/mountinfo")]
    [InlineData("/proc/net/unix")]
    public void ReadAllText_FileOfTheKernel_IsWholeThoughItsSizeIsZero(string path) =>
        Assert.EndsWith("\n", RegularFile.ReadAllText(path, RegularFile.KernelLimit), StringComparison.Ordinal);

    [Fact]
    public void ReadAllBytes_NothingThere_IsNotFound() =>
        Assert.Throws<FileNotFoundException>(() => RegularFile.ReadAllBytes(TestPath));

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void LimitedInput_IsReadUpToTheLimit(int length, bool isRead)
    {
        using var input = new MemoryStream(new byte[length]);
        if (isRead)
            Assert.Equal(length, LimitedInput.ReadAll(input, "it", 100).Length);
        else
            Assert.Equal("it is longer than 100 bytes", Assert.Throws<IOException>(() => LimitedInput.ReadAll(input, "it", 100)).Message);
    }

    private void Run(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = folder })!;
        shell.WaitForExit();
    }
}
