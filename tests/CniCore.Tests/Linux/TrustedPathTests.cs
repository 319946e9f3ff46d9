using System.Diagnostics;
using CniCore.Config;
using CniCore.Invoke;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Tests.Linux;

/// <summary>What root runs or obeys, nobody else can have changed.</summary>
public sealed class TrustedPathTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string ListPath => Path.Combine(folder, "conf", "net.conf");

    private string Plugin => Path.Combine(folder, "bin", "odd");

    public TrustedPathTests() => Shell(
        "mkdir conf bin elsewhere; echo '{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"type\":\"odd\"}' > conf/net.conf; "
        + "printf '#!/bin/sh\\n' > bin/odd; chmod 755 . conf bin elsewhere bin/odd; chmod 644 conf/net.conf");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("true", null)]
    [InlineData("chmod 664 conf/net.conf; chmod 775 conf", null)] // its group is root's
    [InlineData("mv conf/net.conf elsewhere; ln -s ../elsewhere/net.conf conf", null)]
    [InlineData("chmod 646 conf/net.conf", "/conf/net.conf can be changed by others: chmod go-w ")]
    [InlineData("chmod 757 conf", "/conf can be changed by others: chmod go-w ")]
    [InlineData("chgrp 1234 conf/net.conf; chmod 664 conf/net.conf", "/conf/net.conf can be changed by others")]
    [InlineData("chown 1234 conf/net.conf", "/conf/net.conf belongs to uid 1234, who can change it: chown root ")]
    [InlineData("chown 1234 conf", "/conf belongs to uid 1234, who can change it: chown root ")]
    [InlineData("mv conf/net.conf elsewhere; chown 1234 elsewhere/net.conf; ln -s ../elsewhere/net.conf conf", "belongs to uid 1234")]
    public void List_ThatOthersCanChange_IsNotUsable(string command, string? reason)
    {
        RootOnly();
        Shell(command);

        var (lists, broken) = new NetworkListFolder(Path.Combine(folder, "conf")).Read();
        Assert.Equal(reason is null, lists.Count == 1);
        if (reason is not null)
            Assert.Contains(reason, Assert.Single(broken).Reason, StringComparison.Ordinal);
        Assert.Single(new NetworkListFolder(Path.Combine(folder, "conf"), ofAnybody: true).Read().Lists);
    }

    [Fact]
    public void PluginFile_ThatOthersCanChange_MakesItsListUnusable()
    {
        RootOnly();
        Shell("rm conf/net.conf; echo '{\"cniVersion\":\"1.1.0\",\"name\":\"net\"}' > conf/net.conflist; mkdir conf/net; "
            + "echo '{\"type\":\"odd\"}' > conf/net/1.conf; chmod 644 conf/net.conflist conf/net/1.conf; chmod 755 conf/net");
        Assert.Single(new NetworkListFolder(Path.Combine(folder, "conf")).Read().Lists);

        Shell("chmod 757 conf/net");
        Assert.Contains("/conf/net can be changed by others",
            Assert.Single(new NetworkListFolder(Path.Combine(folder, "conf")).Read().Broken).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", null)]
    [InlineData("mv bin/odd elsewhere; ln -s ../elsewhere/odd bin", null)]
    [InlineData("chmod 757 bin/odd", "plugin odd is not run: /")]
    [InlineData("chmod 777 bin", "/bin can be changed by others: chmod go-w ")]
    [InlineData("chown 1234 bin bin/odd", null)]
    public void Plugin_ThatOthersCanChange_IsNotRun(string command, string? reason)
    {
        RootOnly();
        Shell(command);
        var folders = new PluginFolders([Path.Combine(folder, "bin")]);
        var odd = PluginType.Parse("odd");

        Assert.Equal(Plugin, folders.Find(odd));
        if (reason is null)
            Assert.Equal(Plugin, folders.FindOrRefuse(odd));
        else
            Assert.Contains(reason, Assert.Throws<CniPluginException>(() => folders.FindOrRefuse(odd)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", null)]
    [InlineData("rm conf/net.conf", null)]
    [InlineData("ln -sf /etc/passwd conf/net.conf", "is a symbolic link, and could lead anywhere")]
    [InlineData("ln -sf /nowhere conf/net.conf", "is a symbolic link, and could lead anywhere")]
    [InlineData("chown 1234 conf/net.conf", "belongs to uid 1234")]
    public void OwnFault_IsALinkOrAnotherOwner(string command, string? reason)
    {
        RootOnly();
        Shell(command);
        var fault = TrustedPath.OwnFault(ListPath);
        if (reason is null)
            Assert.Null(fault);
        else
            Assert.Contains(reason, fault, StringComparison.Ordinal);
    }

    // Where the copy is made that becomes the file, and where a lock is.
    [Fact]
    public void DurableFileAndLock_DoNotFollowLinks()
    {
        Shell("echo theirs > elsewhere/theirs; ln -s ../elsewhere/theirs conf/x.json.new; ln -s ../elsewhere/theirs conf/lock");

        DurableFile.Write(Path.Combine(folder, "conf", "x.json"), "ours"u8);
        Assert.Throws<CniCore.Linux.LinuxException>(() => FileLock.Take(Path.Combine(folder, "conf", "lock")));

        Assert.Equal("ours", File.ReadAllText(Path.Combine(folder, "conf", "x.json")));
        Assert.Null(new FileInfo(Path.Combine(folder, "conf", "x.json")).LinkTarget);
        Assert.Equal("theirs\n", File.ReadAllText(Path.Combine(folder, "elsewhere", "theirs")));
    }

    private static void RootOnly() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to give files to others");

    private void Shell(string command)
    {
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-ec", command]) { WorkingDirectory = folder })!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
