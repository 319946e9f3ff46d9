using System.CommandLine;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;
using DockerDriver.Startup;
using Microsoft.Extensions.Logging;
using Serilog.Extensions.Logging;

namespace DockerDriver.Cli;

/// <summary>
/// The CNI verbs: <c>cnid add|check|del|gc|status NETWORK [NETNS]</c>, with cnitool's arguments, environment and container id, so that
/// scripts for cnitool work unchanged.
/// </summary>
internal static class CniVerbs
{
    public static IEnumerable<Command> All(Func<ParseResult, Settings> settings)
    {
        yield return Verb("add", "Attach a namespace to a network, and print the result.", needsNetNs: true, settings,
            async (call, cancel) =>
        {
            var result = await call.Runtime.AddAsync(call.List, call.Request(), cancel);
            Console.Out.WriteLine(JsonText.Indented(result.ToJson(call.List.CniVersion)));
        });
        yield return Verb("check", "Check whether an attachment is as ADD left it.", needsNetNs: true, settings,
            (call, cancel) => call.Runtime.CheckAsync(call.List, call.Request(), cancel));
        yield return Verb("del", "Detach, with the stored arguments of ADD. Idempotent.", needsNetNs: true, settings,
            (call, cancel) => call.Runtime.DeleteAsync(call.List, call.Request(), cancel));
        yield return Verb("gc",
            "Delete every attachment of a network that was added with this command, retry what the daemon could not delete, and "
            + "let the plugins clean up.", needsNetNs: false, settings, async (call, cancel) =>
        {
            await call.Runtime.CollectGarbageAsync(call.List, call.MadeByOthers, cancel);
            call.RetryByDaemon();
        });
        yield return Verb("status", "Check whether an ADD can succeed now.", needsNetNs: false, settings,
            (call, cancel) => call.Runtime.StatusAsync(call.List, cancel));
        yield return ValidateVerb.Command();
    }

    /// <summary>The log of a verb: warnings and errors, on standard error.</summary>
    public static SerilogLoggerFactory Logs(Settings settings) =>
        new(DaemonLogging.Create(settings with { LogLevel = "warning" }), dispose: true);

    private static Command Verb(string name, string help, bool needsNetNs,
        Func<ParseResult, Settings> settings, Func<VerbCall, CancellationToken, Task> work)
    {
        var network = new Argument<string>("NETWORK") { Description = "name of a list in the configuration folder (NETCONFPATH)" };
        var netns = new Argument<string?>("NETNS")
        {
            Description = "path of the network namespace", Arity = needsNetNs
            ? ArgumentArity.ExactlyOne
            : ArgumentArity.ZeroOrOne
        };
        var ifName = new Option<string?>("--ifname",
            "-i")
        { Description = "name of the interface inside [env: CNI_IFNAME, default: eth0]" };
        var json = new Option<bool>("--json") { Description = "print errors as CNI error JSON on standard output" };
        var verb = new Command(name, help) { network, netns, ifName, json };
        verb.SetAction((parsed, cancel) => ExitStatus.OfAsync(async () =>
        {
            using var logs = Logs(settings(parsed));
            var given = CniEnvironment.ApplyTo(settings(parsed));
            var runtime = CniComposition.ForVerb(given, logs).Runtime;
            var list = new NetworkListFolder(given.ConfDir).Find(NetworkName.Parse(parsed.GetRequiredValue(network)));
            await work(new(runtime, list, parsed.GetValue(netns) ?? "", parsed.GetValue(ifName)) { AdminSocket = given.AdminSocket },
                cancel);
        }, parsed.GetValue(json)));
        return verb;
    }
}
