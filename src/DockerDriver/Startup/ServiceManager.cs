using System.Net.Sockets;
using System.Text;

namespace DockerDriver.Startup;

/// <summary>Tells systemd how far we are (sd_notify(3)). Where nobody asked for it, nothing is said.</summary>
internal sealed class ServiceManager
{
    private const string Variable = "NOTIFY_SOCKET";
    private readonly string? address;

    private ServiceManager(string? address) => this.address = address;

    /// <summary>Takes the address out of the environment: plugins inherit that, and are not to speak for us.</summary>
    public static ServiceManager Take()
    {
        var address = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        return new(address is { Length: > 0 } ? address : null);
    }

    /// <summary>Calls are answered from now on.</summary>
    public void SayReady() => Say("READY=1");

    /// <summary>Calls under way are finished, none is taken any more.</summary>
    public void SayStopping() => Say("STOPPING=1");

    private void Say(string state)
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
            // A manager that does not listen is no reason to stop; it has time-outs of its own.
        }
    }
}
