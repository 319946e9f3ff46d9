using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using CniCore.Linux.Files;
using DockerDriver.Configuration;

namespace DockerDriver.Dhcp;

/// <summary>
/// The reference plugin <c>dhcp</c> keeps its leases in a daemon, in memory. One that serves the socket is used, or started by its service
/// manager when somebody connects; where there is none, this starts it. It outlives cnid: leases must be renewed meanwhile. An open
/// connection to it tells of its end.
/// </summary>
internal sealed partial class DhcpDaemon(Settings settings, TimeProvider clock, ILogger<DhcpDaemon> log) : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(6); // it gives others' connections 5 s
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // A server that is silent is given up before the plugin's own time (20 s) is over: four tries, two to three seconds apart. Releases
    // before 1.6 do not know the last flag, and need the one before for the same.
    private static readonly string[][] Patience =
        [["-timeout", "1500ms", "-resendmax", "4s", "-resendtimeout", "14s"], ["-timeout", "1500ms", "-resendmax", "4s"]];

    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, Socket> connections = new(StringComparer.Ordinal);
    private readonly Channel<DhcpDaemonEvent> news = Channel.CreateUnbounded<DhcpDaemonEvent>();

    /// <summary>
    /// A verb uses it: whoever waits for the verb's output is not to wait for the daemon's end, and which process serves the leases of
    /// containers is for <c>cnid serve</c> to find out.
    /// </summary>
    public bool IsByHand { get; init; }

    /// <summary>What has become of daemons.</summary>
    public ChannelReader<DhcpDaemonEvent> News => news.Reader;

    /// <summary>Returns when the daemon answers, or cannot be had: the plugin then says what is missing.</summary>
    public async Task EnsureAsync(string path, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (connections.TryGetValue(path, out var open) && File.Exists(path))
                return;
            open?.Dispose(); // one that is told to end has removed its socket, and waits for its connections
            if ((await ConnectAsync(path, cancel) ?? await StartAsync(path, cancel)) is not { } connection)
                return;
            connections[path] = connection;
            if (!IsByHand && DaemonProcess.IsAnother(settings.DhcpFolder, path))
                news.Writer.TryWrite(new(path, HasEnded: false, clock.GetUtcNow()));
            _ = WatchAsync(path, connection);
        }
        finally
        {
            gate.Release();
        }
    }

    public void Dispose()
    {
        gate.Dispose();
        foreach (var connection in connections.Values)
            connection.Dispose();
    }

    private async Task WatchAsync(string path, Socket connection)
    {
        try
        {
            _ = await connection.ReceiveAsync(new byte[1]); // it speaks only when spoken to
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
        }
        await gate.WaitAsync();
        if (connections.GetValueOrDefault(path) == connection)
            connections.Remove(path);
        gate.Release();
        connection.Dispose();
        HasEnded(path);
        news.Writer.TryWrite(new(path, HasEnded: true, clock.GetUtcNow()));
    }

    private static async Task<Socket?> ConnectAsync(string path, CancellationToken cancel)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    private async Task<Socket?> StartAsync(string path, CancellationToken cancel)
    {
        if (settings.PluginDirs.Select(folder => Path.Combine(folder, DhcpConfig.Plugin.ToString()))
            .FirstOrDefault(RegularFile.IsAt) is not { } program)
            return null;
        await EndAsync(path, cancel);
        if (File.Exists(path))
            File.Delete(path); // nobody listens: left behind by one that was killed
        foreach (var patience in Patience)
        {
            using var process = Process.Start(Call(program, ["daemon", "-socketpath", path, .. patience]))!;
            // No event says that somebody listens: the file is there before.
            for (var began = clock.GetTimestamp(); !process.HasExited
                && clock.GetElapsedTime(began) < StartLimit; await Task.Delay(Pause, clock, cancel))
            {
                if (await ConnectAsync(path, cancel) is not { } connection)
                    continue;
                Started(program, process.Id, path);
                return connection;
            }
        }
        NotStarted(program, path);
        return null;
    }

    private ProcessStartInfo Call(string program, IEnumerable<string> arguments) =>
        new(IsByHand ? "/bin/sh" : program, IsByHand ? ["-c", "exec \"$0\" \"$@\" > /dev/null 2>&1", program, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };

    // The last thing that one does on its way is to remove what is at its socket's path (plugins/ipam/dhcp/daemon.go): not the next one's.
    private async Task EndAsync(string path, CancellationToken cancel)
    {
        if (DaemonProcess.Remembered(settings.DhcpFolder, path) is not { } before)
            return;
        using var limit = new CancellationTokenSource(EndLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await before.EndAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            NotEnded(before.Id, path);
        }
    }

    [LoggerMessage(LogLevel.Information, "started {Program} daemon as process {Id} at {Path}: no DHCP client was there")]
    private partial void Started(string program, int id, string path);

    [LoggerMessage(LogLevel.Error, "{Program} daemon does not come to listen at {Path}: see what it says by running it by hand")]
    private partial void NotStarted(string program, string path);

    [LoggerMessage(
        LogLevel.Warning, "process {Id}, which served {Path}, answers no more and does not end; another DHCP client is started beside it")]
    private partial void NotEnded(int id, string path);

    [LoggerMessage(LogLevel.Warning, "the DHCP client at {Path} has ended")]
    private partial void HasEnded(string path);
}
