using System.Diagnostics;
using CniCore.Linux.Files;

namespace CniCore.Tests.Linux;

/// <summary>Files that a container can write are read within bounds, and never waited for.</summary>
public sealed class ForeignFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string TestPath => Path.Combine(folder, "hosts");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(99)]
    [InlineData(100)]
    public void A12_ShortRegularTestPathIsReadWhole(int length)
    {
        File.WriteAllBytes(TestPath, [.. Enumerable.Repeat((byte)'a', length)]);

        Assert.Equal(File.ReadAllBytes(TestPath), ForeignFile.ReadAllBytes(TestPath, 100));
    }

    [Fact]
    public void A12_LongerTestPathIsRefused_AndNotRead()
    {
        using (var file = File.Create(TestPath))
            file.SetLength(100L << 30); // sparse: no machine could read it

        Assert.Contains("is longer than 100 bytes", Assert.Throws<IOException>(() => ForeignFile.ReadAllBytes(TestPath, 100)).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkfifo hosts", "hosts is not a regular file")]
    [InlineData("mkdir hosts", "hosts is not a regular file")]
    [InlineData("ln -s /etc/passwd hosts", "hosts: Too many levels of symbolic links")]
    public void A12_WhatIsNoRegularTestPathIsRefused_WithoutWaiting(string command, string reason)
    {
        using (var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = folder })!)
            shell.WaitForExit();

        Assert.Contains(reason, Assert.ThrowsAny<IOException>(() => ForeignFile.ReadAllBytes(TestPath, 100)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A12_Replace_WritesInTheSameTestPathShorterAndLonger()
    {
        File.WriteAllText(TestPath, "before");
        using (var file = ForeignFile.Open(TestPath, 100, writable: true))
            file.Replace("b"u8);
        Assert.Equal("b", File.ReadAllText(TestPath));
        using (var file = ForeignFile.Open(TestPath, 100, writable: true))
            file.Replace("after that"u8);
        Assert.Equal("after that", File.ReadAllText(TestPath));
    }
}
