using CniCore.Linux.Files;
using DockerDriver.Import;

namespace DockerDriver.Doctor;

/// <summary>The state folder: whether it can be written, tried; and what could not be read and was set aside there.</summary>
internal sealed class StateCheck() : Check("state", "what such a file described is no longer known, and may have left something behind")
{
    // As large as an attachment's file: a disk may have room for nothing but a name.
    private static readonly byte[] Trial = new byte[4096];

    public override Task<IReadOnlyList<Finding>> LookAsync(DoctorContext host, CancellationToken cancel)
    {
        var folder = host.Settings.StateDir;
        List<Finding> findings = Directory.Exists(folder) ? [.. Unwritable(folder), .. Unreadable(folder), .. SetAside(folder)] : [];
        return Task.FromResult<IReadOnlyList<Finding>>(findings.Count > 0
            ? findings
            : [Ok($"{folder}: files can be written, and every one can be read")]);
    }

    private IEnumerable<Finding> Unwritable(string folder)
    {
        var path = Path.Combine(folder, $"doctor-{Environment.ProcessId}");
        if (DurableFile.TryWrite(path, Trial, out var fault))
            DurableFile.Delete(path);
        else
            yield return Fail($"{folder} cannot be written: {fault}",
                $"df -h {ShellWord.Quote(folder)}; df -i {ShellWord.Quote(folder)} # and make room",
                "no container gets a network until it can; those that run can still go");
    }

    private IEnumerable<Finding> SetAside(string folder) =>
        StateFiles.AsideEndings.SelectMany(ending =>
            Directory.EnumerateFileSystemEntries(folder, "*" + ending, SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
            .Select(path => Warn($"{path} could not be read and was set aside", $"rm -r {ShellWord.Quote(path)} # look at it first"));

    // What is merely corrupt is set aside by whoever needs it next.
    private IEnumerable<Finding> Unreadable(string folder)
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
