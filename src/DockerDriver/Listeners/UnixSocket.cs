using System.Net.Sockets;
using DockerDriver.Errors;

namespace DockerDriver.Listeners;

/// <summary>The file of a listening socket.</summary>
internal static class UnixSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Removes the socket file that a killed daemon left. Kestrel would refuse it, and only a connection tells whether it is in use.
    /// </summary>
    /// <exception cref="SettingsException">Another process answers there, or it is not a socket.</exception>
    public static void RemoveStaleSocket(string path, string setting)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            return;
        if (new FileInfo(path).Length > 0) // a socket's file is empty
            throw new SettingsException($"{path} is not a socket and is left alone; use another path for {setting}");
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
        throw new SettingsException($"{path} is in use by another cnid; stop it or use another {setting}");
    }

    /// <summary>Mode 0600: whoever can write to it controls the host's network.</summary>
    public static void RestrictToOwner(string path) => File.SetUnixFileMode(path, OwnerOnly);
}
