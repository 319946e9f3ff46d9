using CniCore.Linux.Files;
using DockerDriver.Configuration;
using DockerDriver.Errors;

namespace DockerDriver.Startup;

/// <summary>The folders of state: only root may have put anything there, as the daemon does what their files say.</summary>
internal static class OwnFolders
{
    private const UnixFileMode WrittenByOthers = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Makes both folders, and closes them and the folders in them to others.</summary>
    /// <exception cref="SettingsException">One belongs to somebody else, or is a symbolic link.</exception>
    public static void Take(Settings settings)
    {
        foreach (var (folder, setting) in new[] { (settings.StateDir, "state-dir"), (settings.RunDir, "run-dir") })
        {
            Refuse(folder, setting);
            DurableFile.MakeFolder(folder);
            CloseToOthers(folder);
            foreach (var entry in Directory.EnumerateFileSystemEntries(folder))
            {
                Refuse(entry, setting);
                if (Directory.Exists(entry))
                    CloseToOthers(entry);
            }
        }
    }

    private static void Refuse(string path, string setting)
    {
        if (TrustedPath.OwnFault(path) is { } fault)
            throw new SettingsException($"{setting}: {fault}");
    }

    // cnid 0.1 created the folders with the umask of its caller.
    private static void CloseToOthers(string path)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & WrittenByOthers) != 0 && (mode & UnixFileMode.StickyBit) == 0)
            File.SetUnixFileMode(path, mode & ~WrittenByOthers);
    }
}
