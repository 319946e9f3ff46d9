using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CniCore.Linux.Files;

namespace DockerDriver.Admin;

/// <summary>
/// A client of the admin socket. It speaks HTTP/1.0 itself, in which the end of the connection ends the answer: a starting container waits
/// for this, and .NET's HTTP client takes longer to initialize than the rest of the hook.
/// </summary>
internal static class AdminClient
{
    private const int AnswerLimit = 16 * 1024 * 1024;

    /// <exception cref="DaemonAbsentException">No daemon is running.</exception>
    /// <exception cref="IOException">There is no answer, or it is incomplete; has a message for the user.</exception>
    public static AdminAnswer Ask(string socket, string method, string path, ReadOnlySpan<byte> body, TimeSpan timeout)
    {
        using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        connection.SendTimeout = connection.ReceiveTimeout = (int)timeout.TotalMilliseconds;
        try
        {
            connection.Connect(new UnixDomainSocketEndPoint(socket));
        }
        catch (SocketException fault)
        {
            var (isAbsent, why) = fault.SocketErrorCode switch
            {
                SocketError.AddressNotAvailable => (true, "the file does not exist"), // .NET's word for ENOENT
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
                ?? throw new IOException(
                    $"the daemon closed the connection before it had answered {method} {path}; it has ended or was restarted");
        }
        catch (SocketException fault) when (fault.SocketErrorCode == SocketError.WouldBlock
            || fault.SocketErrorCode == SocketError.TimedOut)
        {
            throw new IOException($"the daemon did not answer {method} {path} within {timeout.TotalSeconds} s", fault);
        }
        catch (SocketException fault)
        {
            throw new IOException($"the daemon closed the connection before it had answered {method} {path}: {fault.Message}", fault);
        }
    }

    private static byte[] ReadAll(Socket connection)
    {
        using var stream = new NetworkStream(connection);
        try
        {
            return LimitedInput.ReadAll(stream, "the daemon's answer", AnswerLimit);
        }
        catch (IOException fault) when (fault.InnerException is SocketException inner)
        {
            throw inner;
        }
    }

    // "HTTP/1.1 200 OK", headers, an empty line, the body. It is complete if the body has the announced length.
    internal static AdminAnswer? Parse(byte[] answer)
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
