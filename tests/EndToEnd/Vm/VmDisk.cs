using System.Diagnostics;
using EndToEnd.Host;

namespace EndToEnd.Vm;

/// <summary>A disk with cnid installed, of which each test gets a copy: made once for a run of the tests.</summary>
public sealed class VmDisk : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-vm-").FullName;
    private string root = "";
    private int machines;

    /// <summary>Why there is no machine; null where there is one.</summary>
    public static string? CannotRun =>
        Lab.CannotRun
        ?? (File.Exists(Lab.Cnid + ".dll") ? "needs the Native AOT file: the machine has no .NET" : null)
        ?? (File.Exists("/usr/bin/linux.uml") ? null : "needs Debian's user-mode-linux")
        ?? (File.Exists("/usr/sbin/debootstrap") ? null : "needs debootstrap");

    public async ValueTask InitializeAsync()
    {
        if (CannotRun is not null)
            return; // each test says so; a fixture cannot skip
        root = await OutputAsync(Path.Combine(Machine.Repository, "tests/EndToEnd/Vm/vm-root.sh"));
        var package = await OutputAsync(
            Path.Combine(Machine.Repository, "packaging/deb.sh"), Lab.Cnid, $"0.1.0+vm{Environment.ProcessId}"); // other runs make theirs

        await using var machine = new VirtualMachine(root, Path.Combine(folder, "first"));
        File.Move(Path.Combine(Machine.Repository, package), Path.Combine(machine.Shared, "cnid.deb"));
        await machine.BootAsync();
        await machine.OkAsync("dpkg -i /host/cnid.deb");
        Assert.Equal("active\nactive", await machine.OkAsync("systemctl is-active cnid.service docker.service"));
        await machine.OkAsync("""
            root=$(mktemp -d); mkdir $root/bin $root/www; cp /bin/busybox $root/bin/; echo hello > $root/www/index.html
            for one in sh httpd wget ip sleep ping cat true hostname; do ln -s busybox $root/bin/$one; done
            tar -C $root -c . | docker import - lab; rm -r $root
            """);
        await machine.OffAsync();
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>A machine of which nothing has been asked yet; it is off.</summary>
    internal async Task<VirtualMachine> MachineAsync()
    {
        var machine = new VirtualMachine(root, Path.Combine(folder, $"{++machines}"));
        await OutputAsync("cp", "--sparse=always", Path.Combine(folder, "first", "disk"), machine.Disk);
        return machine;
    }

    private static async Task<string> OutputAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Machine.Repository, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program}: {await errors}");
        return output.Trim();
    }
}
