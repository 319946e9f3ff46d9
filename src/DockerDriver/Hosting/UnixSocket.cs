using System.Net.Sockets;

namespace DockerDriver.Hosting;

/// <summary>A listening socket's file: made way for before the start, owned and closed to others after it.</summary>
internal static class UnixSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Removes the file a killed daemon left behind. Kestrel would refuse it, and only a connection tells it from one in use.</summary>
    /// <exception cref="SettingsException">Somebody answers there.</exception>
    public static void MakeWay(string path, string setting)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
            return;
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
