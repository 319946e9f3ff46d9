using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace DockerDriver.Admin;

/// <summary>
/// Asks the daemon on its admin socket. HTTP by hand and 1.0, which ends an answer with the connection: a container that starts waits for
/// this, and .NET's HTTP client takes longer to get going than everything else that its hook does.
/// </summary>
internal static class AdminClient
{
    /// <exception cref="DaemonAbsentException">No daemon runs.</exception>
    /// <exception cref="IOException">Nobody answers, or the answer breaks off; the message says so for people.</exception>
    public static AdminAnswer Ask(string socket, string method, string path, ReadOnlySpan<byte> body, TimeSpan patience)
    {
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        connection.SendTimeout = connection.ReceiveTimeout = (int)patience.TotalMilliseconds;
        try
        {
            connection.Connect(new UnixDomainSocketEndPoint(socket));
        }
        catch (SocketException fault)
        {
            var (isAbsent, why) = fault.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => (true, "there is no such file"), // .NET's word for ENOENT
                SocketError.ConnectionRefused => (true, "nobody listens"),
                _ => (false, fault.Message),
            };
            var message = $"the daemon does not answer on {socket}: {why}; is \"cnid serve\" running?";
            throw isAbsent ? new DaemonAbsentException(message, fault) : new IOException(message, fault);
        }
        try
        {
            connection.Send(Encoding.ASCII.GetBytes(
                $"{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"));
            if (body.Length > 0)
                connection.Send(body);
            return Parse(ReadAll(connection))
                ?? throw new IOException($"the daemon broke off before it had answered {method} {path}; it has ended or was restarted");
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.WouldBlock
            || fault.SocketErrorCode == SocketError.TimedOut)
        {
            throw new IOException($"the daemon did not answer {method} {path} within {patience.TotalSeconds} s", fault);
        }
        catch (SocketException fault)
        {
            throw new IOException($"the daemon broke off before it had answered {method} {path}: {fault.Message}", fault);
        }
    }

    private static byte[] ReadAll(Socket connection)
    {
        using var stream = new NetworkStream(connection);
        using var all = new MemoryStream();
        try
        {
            stream.CopyTo(all);
        }
        catch (IOException fault) when (fault.InnerException is SocketException inner)
        {
            throw inner;
        }
        return all.ToArray();
    }

    // "HTTP/1.1 200 OK", headers, an empty line, the body: complete when it has the length that is announced.
    private static AdminAnswer? Parse(byte[] answer)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        if (end < 0)
            return null;
        var head = Encoding.ASCII.GetString(answer, 0, end).Split("\r\n");
        var status = head[0].Split(' ');
        if (status.Length < 2 || !int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return null;
        var body = answer[(end + 4)..];
        const string Length = "Content-Length:";
        var announced = head.FirstOrDefault(line => line.StartsWith(Length, StringComparison.OrdinalIgnoreCase));
        if (announced is not null && announced[Length.Length..].Trim() != body.Length.ToString(CultureInfo.InvariantCulture))
            return null;
        return new(code, body);
    }
}
