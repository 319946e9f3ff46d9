using System.Net.Sockets;
using System.Text;

namespace DockerDriver.Startup;

/// <summary>Notifies systemd of the daemon's state (sd_notify(3)), if it asked for it.</summary>
internal sealed class ServiceManager
{
    private const string Variable = "NOTIFY_SOCKET";
    private readonly string? address;

    private ServiceManager(string? address) => this.address = address;

    /// <summary>Removes the address from the environment, so that plugins cannot send notifications.</summary>
    public static ServiceManager Take()
    {
        var address = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return new(address is { Length: > 0 } ? address : null);
    }

    /// <summary>Calls are answered from now on.</summary>
    public void NotifyReady() => Notify("READY=1");

    /// <summary>Running calls have finished; no more are accepted.</summary>
    public void NotifyStopping() => Notify("STOPPING=1");

    private void Notify(string state)
    {
        if (address is null)
            return;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            socket.SendTo(Encoding.ASCII.GetBytes(state), new UnixDomainSocketEndPoint(address[0] == '@' ? '\0' + address[1..] : address));
        }
        catch (SocketException)
        {
            // A manager that does not listen is not an error here; it has time limits of its own.
        }
    }
}
