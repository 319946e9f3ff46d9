using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CniCore.Firewall;
using CniCore.Linux;

namespace CniCore.Tests.Plugins;

/// <summary>Not tests: what other tests have a second process do. It is this program, told to run one of these.</summary>
public sealed class OtherProcess
{
    private const string Word = "CNID_TEST_WORK";
    private const string Ready = "CNID_TEST_READY";

    /// <summary>Stands on a port, <c>udp 0.0.0.0 53</c>, until its input ends. <c>bound</c>: TCP, and does not listen.</summary>
    [Fact(Explicit = true)]
    public void Hold()
    {
        var words = Work();
        var at = new IPEndPoint(IPAddress.Parse(words[1]), int.Parse(words[2], System.Globalization.CultureInfo.InvariantCulture));
        using var socket = words[0] == "udp"
            ? new Socket(at.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(at);
        if (words[0] == "tcp")
            socket.Listen();
        if (words[0] == "bound")
            socket.SetRawSocketOption(1, 2, [0, 0, 0, 0]); // SOL_SOCKET, SO_REUSEADDR: .NET lets others in, most programs do not
        File.WriteAllText(Environment.GetEnvironmentVariable(Ready)!, "");
        Console.In.Read();
    }

    /// <summary>Maps ports of containers <c>FIRST COUNT</c> and unmaps all but every tenth, many at once.</summary>
    [Fact(Explicit = true)]
    public async Task MapAndUnmap()
    {
        var host = new HostFirewall(new HostNetwork());
        var words = Work().Select(word => int.Parse(word, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        await PortMapManyTests.MapAndUnmapAsync(host, words[0], words[1]);
        File.WriteAllText(Environment.GetEnvironmentVariable(Ready)!, "");
    }

    /// <summary>Maps and unmaps container <c>NUMBER</c>'s ports <c>TIMES</c>.</summary>
    [Fact(Explicit = true)]
    public async Task ComeAndGo()
    {
        var host = new HostFirewall(new HostNetwork());
        var words = Work().Select(word => int.Parse(word, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        await PortMapManyTests.ComeAndGoAsync(host, words[0], words[1]);
        File.WriteAllText(Environment.GetEnvironmentVariable(Ready)!, "");
    }

    /// <summary>Masquerades, maps some ports, and tells the libraries that this process has loaded.</summary>
    [Fact(Explicit = true)]
    public async Task LoadLibraries()
    {
        Work();
        var host = new HostFirewall(new HostNetwork());
        host.Masquerade.Add(new("net", "container", "eth0"), [new(IPNetwork.Parse("10.1.0.2/32"), IPNetwork.Parse("10.1.0.0/24"))]);
        await PortMapManyTests.MapAndUnmapAsync(host, 0, 20);
        File.WriteAllLines(Environment.GetEnvironmentVariable(Ready)!,
            File.ReadLines("/proc/self/maps").Select(line => Path.GetFileName(line.Split(' ')[^1])).Distinct());
    }

    /// <summary>Takes all descriptors that it may have, and tells what nf_tables says then.</summary>
    [Fact(Explicit = true)]
    public void UseUpDescriptors()
    {
        Work();
        using (var limit = Process.Start("prlimit", [$"--pid={Environment.ProcessId}", "--nofile=400:400"]))
            limit.WaitForExit();
        CniCore.Linux.Nftables.NftMonitor.Open().Dispose(); // what it is made of is loaded from files, too
        var files = new List<IDisposable>();
        Exception? fault = null;
        try
        {
            while (files.Count < 400)
                files.Add(File.OpenHandle("/dev/null"));
        }
        catch (IOException)
        {
            fault = Record.Exception(() => new HostNetwork().Nftables.Dispose());
        }
        files.ForEach(file => file.Dispose());
        File.WriteAllText(Environment.GetEnvironmentVariable(Ready)!, $"{fault}");
    }

    /// <summary>Starts one in a namespace, and returns when it wrote the file <paramref name="ready"/>. Disposed, it ends.</summary>
    public static Process Start(string space, string what, string ready, string work)
    {
        var start = new ProcessStartInfo("nsenter",
            [$"--net={space}", Environment.ProcessPath!, "-noColor", "-explicit", "only", "-method",
            $"{typeof(OtherProcess).FullName}.{what}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { [Word] = work, [Ready] = ready },
        };
        var process = new Ending(start);
        var said = new System.Text.StringBuilder();
        process.OutputDataReceived += (_, line) => said.AppendLine(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        for (var patience = Stopwatch.StartNew(); !File.Exists(ready); Thread.Sleep(10))
            Assert.False(process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(60), said.ToString());
        return process;
    }

    private static string[] Work()
    {
        var work = Environment.GetEnvironmentVariable(Word);
        Assert.SkipWhen(work is null, "for a test that starts a process");
        return work.Split(' ');
    }

    private sealed class Ending : Process
    {
        public Ending(ProcessStartInfo start) => StartInfo = start;

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                StandardInput.Close();
                WaitForExit(TimeSpan.FromSeconds(10));
            }
            base.Dispose(disposing);
        }
    }
}
