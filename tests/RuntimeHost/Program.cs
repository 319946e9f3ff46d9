using System.Diagnostics;
using System.Text.Json;
using CniCore.Config;
using CniCore.Invoke;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Plugins;
using CniCore.Runtime;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

// The runtime with its built-ins as a process of its own, so that it can be killed, and lives in one namespace with all its threads:
//
//   RuntimeHost FOLDER add|del|gc [CONTAINER NETNS HOSTPORT]...     all of them at once; HOSTPORT 0 for none
//   RuntimeHost FOLDER time       one after the other as standard input has them, "add|del CONTAINER NETNS HOSTPORT";
//                                 tells how many microseconds each took
//
// FOLDER has the list, as list.conflist, and gets the books. Each container that was added is told with its first address, each fault
// in a line; then the exit code is 1.
var (folder, verb) = (args[0], args[1]);
var list = NetworkList.Parse(File.ReadAllBytes(Path.Combine(folder, "list.conflist")));
var executables = new ExecInvoker([], TimeProvider.System, NullLogger<ExecInvoker>.Instance);
var runtime = new CniRuntime(
    new CniRuntimeOptions
    {
        CacheFolder = Path.Combine(folder, "books"),
        CopyFolder = Path.Combine(folder, "copies"),
        LockFolder = Path.Combine(folder, "locks"),
    },
    new BuiltinInvoker(BuiltinUse.Always, executables, new HostFirewall(new HostNetwork())),
    TimeProvider.System,
    NullLogger<CniRuntime>.Instance);

if (verb == "time")
    return await TimeAsync() ? 0 : 1;
var work = verb == "gc" ? [RunAsync(() => runtime.CollectGarbageAsync(list, valid: null, CancellationToken.None))] : args[2..].Chunk(3)
    .Select(OneAsync).ToArray();
return (await Task.WhenAll(work)).All(well => well) ? 0 : 1;

Task<bool> OneAsync(string[] one) => RunAsync(async () =>
{
    await Task.Yield();
    if (verb == "add")
        Console.WriteLine($"{one[0]} {(await runtime.AddAsync(list, Request(one), CancellationToken.None)).Ips[0].Address.Address}");
    else
        await runtime.DeleteAsync(list, Request(one), CancellationToken.None);
});

async Task<bool> TimeAsync()
{
    while (Console.ReadLine()?.Split(' ') is [var what, .. var one])
    {
        var start = Stopwatch.GetTimestamp();
        if (!await RunAsync(() =>
            what == "add"
                ? runtime.AddAsync(list, Request(one), CancellationToken.None)
                : runtime.DeleteAsync(list, Request(one), CancellationToken.None)))
            return false;
        Console.WriteLine((long)Stopwatch.GetElapsedTime(start).TotalMicroseconds);
    }
    return true;
}

static AttachmentRequest Request(string[] one) => new()
{
    ContainerId = ContainerId.Parse(one[0]),
    NetNs = one[1],
    IfName = InterfaceName.Parse("eth0"),
    Capabilities = one[2] == "0" ? new Dictionary<string, JsonElement>() : new()
    {
        ["portMappings"] = JsonElement.Parse($$"""[{"hostPort":{{one[2]}},"containerPort":80,"protocol":"tcp"}]"""),
    },
};

static async Task<bool> RunAsync(Func<Task> step)
{
    try
    {
        await step();
        return true;
    }
    catch (CniException fault)
    {
        Console.WriteLine(fault.Message);
        return false;
    }
}
