using CniCore.Linux.Files;
using DockerDriver.Import;

namespace DockerDriver.Doctor;

/// <summary>Checks the state folder: whether it can be written, and whether files are unreadable or have been set aside.</summary>
internal sealed class StateCheck() : DoctorCheck("state", "the contents of such a file are lost, and its objects may remain")
{
    // The size of an attachment's file: a full disk may still accept an empty file.
    private static readonly byte[] TestContent = new byte[4096];

    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var folder = host.Settings.StateDir;
        List<DoctorFinding> findings = Directory.Exists(folder) ? [.. Unwritable(folder), .. Unreadable(folder), .. SetAside(folder)] : [];
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(findings.Count > 0
            ? findings
            : [Ok($"{folder}: it is writable, and every file is readable")]);
    }

    private IEnumerable<DoctorFinding> Unwritable(string folder)
    {
        var path = Path.Combine(folder, $"doctor-{Environment.ProcessId}");
        if (DurableFile.TryWrite(path, TestContent, out var fault))
            DurableFile.Delete(path);
        else
            yield return Fail($"{folder} cannot be written: {fault}",
                $"df -h {ShellWord.Quote(folder)}; df -i {ShellWord.Quote(folder)} # and free space",
                "no container gets a network until it can; teardown still works");
    }

    private IEnumerable<DoctorFinding> SetAside(string folder) =>
        StateFiles.AsideEndings.SelectMany(ending =>
            Directory.EnumerateFileSystemEntries(folder, "*" + ending, SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
            .Select(path => Warn($"{path} could not be read and was set aside", $"rm -r {ShellWord.Quote(path)} # look at it first"));

    // A corrupt file is set aside by its next reader.
    private IEnumerable<DoctorFinding> Unreadable(string folder)
    {
        foreach (var path in Directory.EnumerateDirectories(folder).SelectMany(StateFiles.In).Order(StringComparer.Ordinal))
        {
            if (StateFiles.Look(path, json => json.ToString(), out var fault, out var reason) is not null || fault == StateFileFault.Gone)
                continue;
            yield return Warn(
                $"{path} cannot be read: {reason}",
                fault == StateFileFault.Later
                    ? "cnid --version # and install the version that wrote it"
                    : $"rm -r {ShellWord.Quote(path)} # look at it first");
        }
    }
}
