using System.Globalization;
using System.Text.Json;
using CniCore.Linux.Files;
using DockerDriver.Admin;
using DockerDriver.Labels;
using DockerDriver.Logging;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.OciRuntime;

/// <summary>
/// The OCI hook of a starting container: it asks the daemon to attach the container, and waits. It gets the container's state on standard
/// input; its standard error becomes a part of the engine's answer to <c>docker run</c>.
/// </summary>
internal static class AttachHook
{
    private const string Verb = "attach-hook";
    private const int StateLimit = 16 * 1024 * 1024; // it has the container's annotations

    /// <summary>The hook's command line, which <see cref="RuntimeProgram"/> writes into the bundle.</summary>
    /// <param name="socket">The daemon's admin socket.</param>
    /// <param name="folder">Docker's folder of the container.</param>
    /// <param name="starts">The daemon's folder of failed starts.</param>
    /// <param name="ignored">The labels that have no effect.</param>
    /// <param name="timeout">How long to wait for the answer.</param>
    public static IReadOnlyList<string> Arguments(
        string socket, TimeSpan timeout, string folder, string starts, IReadOnlyList<string> ignored) =>
        ["cnid", Verb, socket, timeout.TotalSeconds.ToString(CultureInfo.InvariantCulture), folder, starts, .. ignored];

    public static bool IsCalled(string[] arguments) => arguments is [Verb, _, _, _, _, ..];

    /// <returns>The exit status: any but 0 prevents the container's start.</returns>
    public static int Run(string[] arguments, Stream input)
    {
        try
        {
            var state = JsonSerializer.Deserialize(
                LimitedInput.ReadAll(input, "the container's state", StateLimit), OciJson.Default.OciState)
                ?? throw new JsonException("the state is null");
            var container = ContainerOnDisk.Read(arguments[3]);
            container = container with { Labels = CniLabels.Without(container.Labels, arguments[5..]) };
            Attach(state, container, arguments[1],
                TimeSpan.FromSeconds(double.Parse(arguments[2], CultureInfo.InvariantCulture)), arguments[4]);
            return 0;
        }
        catch (Exception fault) when (fault is OciRuntimeException or IOException or JsonException)
        {
            Console.Error.Write($"cnid: {PlainText.Of(fault.Message)}");
            return 1;
        }
    }

    private static void Attach(OciState state, ContainerOnDisk container, string socket, TimeSpan timeout, string starts)
    {
        var call = new AttachRequest(state.Id, $"/proc/{state.Pid}/ns/net", state.Pid)
        {
            Folder = container.Folder,
            Name = container.Name,
            Ports = container.Published,
            Labels = container.Labels.Where(label => CniLabels.IsCniLabel(label.Key)).ToDictionary(),
        };
        var answer = Ask(socket, JsonSerializer.SerializeToUtf8Bytes(call, AdminJson.Default.AttachRequest), timeout, starts);
        if (!answer.IsSuccess)
            throw new OciRuntimeException(answer.Reason);
    }

    // A daemon that does not answer cannot record the failed start: the hook stores it, and the daemon loads it later.
    private static AdminAnswer Ask(string socket, byte[] call, TimeSpan timeout, string starts)
    {
        try
        {
            return AdminClient.Ask(socket, "POST", "/none/attach", call, timeout);
        }
        catch (IOException fault)
        {
            var start = StoredStart.New(fault.Message, TimeProvider.System.GetUtcNow());
            var file = Path.Combine(starts, start.Id + ".json");
            var written = DurableFile.TryWrite(file, JsonSerializer.SerializeToUtf8Bytes(start, StateJson.Default.StoredStart), out _);
            throw new OciRuntimeException(written ? start.MarkedReason : fault.Message, fault);
        }
    }
}
