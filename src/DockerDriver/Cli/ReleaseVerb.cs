using System.CommandLine;
using System.Text.Json;
using CniCore.Cache;
using CniCore.Linux.Namespaces;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Admin;
using DockerDriver.Attachments;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.Startup;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>
/// <c>cnid release ID</c>: runs DEL for an attachment without an owner, with the stored arguments of its ADD. With <c>--force</c> also for
/// one that the daemon owns; if DEL fails, the attachment is forgotten.
/// </summary>
internal static class ReleaseVerb
{
    // The daemon may be running a DEL that hangs, and then runs another.
    private static readonly TimeSpan DaemonTimeout = TimeSpan.FromMinutes(3);

    public static Command Command(Func<ParseResult, Settings> settings)
    {
        var id = new Argument<string>("ID")
        {
            Description = "an id or a container's name as cnid attachments prints it, or the beginning of an id"
        };
        var force = new Option<bool>("--force")
        {
            Description = "even if the daemon owns it; if DEL fails, forget it and report what may remain",
        };
        var verb = new Command("release", "Run DEL for an attachment, with the stored arguments of its ADD.") { id, force };
        verb.SetAction((parsed, cancel) => ExitStatus.OfAsync(async () =>
        {
            var given = CniEnvironment.ApplyTo(settings(parsed));
            using var logs = CniVerbs.Logs(given);
            var cni = CniComposition.ForVerb(given, logs);
            var runtime = cni.Runtime;
            var word = parsed.GetRequiredValue(id);
            var ended = StartCancellation.Of(given, word);
            foreach (var name in ended)
                Console.Out.WriteLine($"released {name}: its start is not retried");
            var targets = ReleaseTarget.Find(given, runtime, await EngineNames.ReadAsync(given, cancel), word);
            if (targets.Count == 0 && ended.Count == 0)
                throw new CniConfigException($"{word} has no attachment; see: cnid attachments");
            foreach (var target in targets.Where(target => ended.Count == 0 || target.Attachments.Count > 0))
            {
                if (parsed.GetValue(force))
                    await ForceAsync(given, cni, target, logs);
                else
                    await ReleaseAsync(given, runtime, target, cancel);
            }
        }));
        return verb;
    }

    private static async Task ReleaseAsync(Settings settings, CniRuntime runtime, ReleaseTarget target, CancellationToken cancel)
    {
        var forced = $"cnid release --force {ShortId.Of(target.Id)}";
        if (target.IsOwned)
            throw new CniConfigException($"{RefusalReason(target)}; to release it anyway: {forced}");
        foreach (var attachment in target.Attachments)
        {
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
                limit.CancelAfter(settings.CallTimeout);
                await runtime.DeleteAsync(attachment, NetnsPathOf(attachment), limit.Token);
            }
            catch (Exception fault) when (fault is CniException || (fault is OperationCanceledException && !cancel.IsCancellationRequested))
            {
                var reason = fault is CniException ? fault.Message : $"DEL did not end within {settings.CallTimeout.TotalSeconds} s";
                throw new CniConfigException($"{attachment.Network}/{attachment.ContainerId}/{attachment.IfName} is not released: "
                    + $"{reason}; to forget it anyway: {forced}", fault);
            }
            Console.Out.WriteLine($"released {attachment.Network}/{attachment.ContainerId}/{attachment.IfName}");
        }
    }

    private static async Task ForceAsync(Settings settings, CniComposition cni, ReleaseTarget target, ILoggerFactory logs)
    {
        var runtime = cni.Runtime;
        if (target.IsOwned)
        {
            foreach (var line in ByDaemon(settings, target) ?? await new OfflineRelease(settings, cni, logs).RunAsync(target))
                Console.Out.WriteLine(PlainText.Of(line));
        }
        // Attachments that nobody owns, or that the owner did not know; not those that it has added again since.
        foreach (var attachment in target.Attachments.Where(owned => runtime.Attachments().Any(there =>
            (there.Network, there.ContainerId, there.IfName, there.CreatedAt) == (
                owned.Network, owned.ContainerId, owned.IfName, owned.CreatedAt))))
        {
            Console.Out.WriteLine(PlainText.Of(await ForcedRelease.RunAsync(runtime, attachment, async () =>
            {
                using var limit = new CancellationTokenSource(settings.CallTimeout);
                await runtime.DeleteAsync(attachment, NetnsPathOf(attachment), limit.Token);
            })));
        }
    }

    /// <summary>Null where no daemon is running.</summary>
    private static IReadOnlyList<string>? ByDaemon(Settings settings, ReleaseTarget target)
    {
        AdminAnswer answer;
        try
        {
            answer = AdminClient.Ask(settings.AdminSocket, "POST", $"/release/{target.Id}", [], DaemonTimeout);
        }
        catch (DaemonAbsentException)
        {
            return null;
        }
        return answer.IsSuccess
            ? JsonSerializer.Deserialize(answer.Body, AdminJson.Default.ReleaseResponse)!.Lines
            : throw new RefusedException(answer.Reason);
    }

    private static string NetnsPathOf(Attachment attachment) => NetworkNamespace.IsAt(attachment.NetNs) ? attachment.NetNs : "";

    private static string RefusalReason(ReleaseTarget target) => target switch
    {
        { Endpoint: { Phase: EndpointPhase.Leaving } leaving } =>
            $"{target.Id} is an endpoint whose DEL the daemon retries{ReasonSuffix(leaving.Fault)}",
        { Endpoint: not null } =>
            $"{target.Id} is an endpoint, which is torn down when its container leaves the network: docker network "
            + "disconnect -f NETWORK CONTAINER",
        { Reservation: { Phase: ReservationPhase.Releasing } releasing } =>
            $"{target.Id} is a reservation that the daemon tries to release{ReasonSuffix(releasing.Fault)}",
        { Reservation: not null } =>
            $"{target.Id} is a reservation that Docker uses; it is released when its container stops",
        { Container: { Phase: ContainerPhase.Detaching } detaching } =>
            $"{target.Id} is a container that the daemon tries to detach{ReasonSuffix(detaching.Fault)}",
        { Container.MayHaveAttachments: true } =>
            $"{target.Id} is a container, which is detached when it stops: docker stop {ShortId.Of(target.Id)}",
        _ => $"{target.Id} is a container that is not attached",
    };

    private static string ReasonSuffix(string? fault) => fault is null ? "" : $" ({fault})";
}
