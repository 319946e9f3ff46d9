using System.Net.Sockets;
using System.Text;
using DockerDriver.Engine;

namespace Fuzz.Targets;

/// <summary>A socket that gives the input as the answer to each request.</summary>
internal sealed class FakeEngine
{
    private static readonly byte[] Info = """{"ID":"x","ServerVersion":"29.7.2","DockerRootDir":"/var/lib/docker"}"""u8.ToArray();
    private readonly string path = Path.Combine(AppContext.BaseDirectory, "docker.sock");

    public FakeEngine()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        File.Delete(path);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        new Thread(() => Serve(listener)) { IsBackground = true }.Start();
        Client = new(new() { DockerHost = "unix://" + path });
    }

    public EngineClient Client { get; }

    public byte[] Answer { get; set; } = [];

    public string Status { get; set; } = "200 OK";

    private void Serve(Socket listener)
    {
        var request = new byte[16 * 1024];
        while (true)
        {
            using var caller = listener.Accept();
            try
            {
                if (caller.Receive(request) == 0)
                    continue;
                // The folder of a container is asked for first, and kept.
                var isInfo = Encoding.ASCII.GetString(request, 0, 64).Contains("/info ", StringComparison.Ordinal);
                var answer = isInfo && Answer is not [(byte)'{', ..] ? Info : Answer;
                caller.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 {Status}\r\nContent-Type: application/json\r\n"
                    + $"Content-Length: {answer.Length}\r\nConnection: close\r\n\r\n"));
                caller.Send(answer);
            }
            catch (SocketException)
            {
            }
        }
    }
}
