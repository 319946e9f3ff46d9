using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using CniCore.Linux.Files;
using DockerDriver.Configuration;

namespace DockerDriver.Dhcp;

/// <summary>
/// The daemon of the reference plugin <c>dhcp</c>, which holds the leases in memory. An existing daemon is used, or started by its service
/// manager through its socket; otherwise this class starts one. It outlives cnid, since leases must be renewed meanwhile. An open
/// connection to it detects its end.
/// </summary>
internal sealed partial class DhcpDaemon(Settings settings, TimeProvider clock, ILogger<DhcpDaemon> log) : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(6); // it gives other connections 5 s
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // Gives up before the plugin's own limit (20 s): four tries, two to three seconds apart. Releases before 1.6 do not have the last flag,
    // and use the second for the same.
    private static readonly string[][] TimeoutFlags =
        [["-timeout", "1500ms", "-resendmax", "4s", "-resendtimeout", "14s"], ["-timeout", "1500ms", "-resendmax", "4s"]];

    private readonly SemaphoreSlim gate = new(1);
    private readonly Dictionary<string, Socket> connections = new(StringComparer.Ordinal);
    private readonly Channel<DhcpDaemonEvent> events = Channel.CreateUnbounded<DhcpDaemonEvent>();

    /// <summary>
    /// A verb uses it: the daemon must not keep the verb's output open, and <c>cnid serve</c> records which process holds the containers'
    /// leases.
    /// </summary>
    public bool RunsInVerb { get; init; }

    /// <summary>Starts and ends of daemons.</summary>
    public ChannelReader<DhcpDaemonEvent> Events => events.Reader;

    /// <summary>Completes when the daemon answers, or cannot be started: the plugin then reports what is missing.</summary>
    public async Task EnsureAsync(string path, CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        try
        {
            if (connections.TryGetValue(path, out var open) && File.Exists(path))
                return;
            open?.Dispose(); // a terminating daemon has removed its socket, and waits for its connections
            if ((await ConnectAsync(path, cancel) ?? await StartAsync(path, cancel)) is not { } connection)
                return;
            connections[path] = connection;
            if (!RunsInVerb && DaemonProcess.HasChanged(settings.DhcpFolder, path))
                events.Writer.TryWrite(new(path, HasEnded: false, clock.GetUtcNow()));
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
            _ = await connection.ReceiveAsync(new byte[1]); // it never sends unasked; this returns at its end
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
        events.Writer.TryWrite(new(path, HasEnded: true, clock.GetUtcNow()));
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
            .FirstOrDefault(RegularFile.IsAt) is not { } program
            || TrustedPath.OpenFault(program) is not null) // its plugin is refused for that, with the reason
            return null;
        await EndAsync(path, cancel);
        if (File.Exists(path))
            File.Delete(path); // stale: nobody listens
        foreach (var flags in TimeoutFlags)
        {
#pragma warning disable RS0030 // it outlives cnid, as leases do
            using var process = Process.Start(Call(program, ["daemon", "-socketpath", path, .. flags]))!;
#pragma warning restore RS0030
            // There is no event for listen(2); the file exists before.
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
        new(RunsInVerb ? "/bin/sh" : program, RunsInVerb ? ["-c", "exec \"$0\" \"$@\" > /dev/null 2>&1", program, .. arguments] : arguments)
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };

    // At its end, a daemon removes the file at its socket's path (plugins/ipam/dhcp/daemon.go): it must not be its successor's.
    private async Task EndAsync(string path, CancellationToken cancel)
    {
        if (DaemonProcess.Recorded(settings.DhcpFolder, path) is not { } before)
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

    [LoggerMessage(LogLevel.Information, "started {Program} daemon as process {Id} at {Path}: no DHCP client was running")]
    private partial void Started(string program, int id, string path);

    [LoggerMessage(LogLevel.Error, "{Program} daemon does not listen at {Path}: run it manually to see its errors")]
    private partial void NotStarted(string program, string path);

    [LoggerMessage(
        LogLevel.Warning, "process {Id}, which served {Path}, neither answers nor ends; another DHCP client is started")]
    private partial void NotEnded(int id, string path);

    [LoggerMessage(LogLevel.Warning, "the DHCP client at {Path} has ended")]
    private partial void HasEnded(string path);
}
