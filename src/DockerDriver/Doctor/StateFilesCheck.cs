using DockerDriver.Lists;

namespace DockerDriver.Doctor;

/// <summary>The state folder: files that could not be read were set aside there.</summary>
internal sealed class StateFilesCheck() : Check("state", "what such a file described is no longer known, and may have left something behind")
{
    public override Task<IReadOnlyList<Finding>> LookAsync(ExaminedHost host, CancellationToken cancel)
    {
        var folder = host.Settings.StateDir;
        List<Finding> findings = Directory.Exists(folder)
            ? [.. Directory.EnumerateFiles(folder, "*.corrupt", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => Warn($"{path} could not be read and was set aside", $"rm {ShellWord.Quote(path)} # look at it first"))]
            : [];
        return Task.FromResult<IReadOnlyList<Finding>>(findings.Count > 0 ? findings : [Ok($"{folder}: every file can be read")]);
    }
}
