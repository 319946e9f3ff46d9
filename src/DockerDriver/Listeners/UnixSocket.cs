using System.Net.Sockets;
using DockerDriver.Errors;

namespace DockerDriver.Listeners;

/// <summary>A listening socket's file: made way for before the start, owned and closed to others after it.</summary>
internal static class UnixSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Removes the file a killed daemon left behind. Kestrel would refuse it, and only a connection tells it from one in use.
    /// </summary>
    /// <exception cref="SettingsException">Somebody answers there, or it is something else.</exception>
    public static void RemoveStaleSocket(string path, string setting)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            return;
        if (new FileInfo(path).Length > 0) // no socket's file has any
            throw new SettingsException($"{path} is a file, and no socket's: it is left as it is; give {setting} another path");
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }
        throw new SettingsException($"{path} is in use: another cnid serves it; stop that one or give this one {setting} of its own");
    }

    /// <summary>0600: whoever may write here commands the host's network.</summary>
    public static void CloseToOthers(string path) => File.SetUnixFileMode(path, OwnerOnly);
}
