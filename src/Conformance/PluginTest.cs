using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CniCore.Linux.Files;
using CniCore.Linux.Processes;

namespace Conformance;

/// <summary>The test of one plugin, in this process's namespaces.</summary>
internal sealed class PluginTest(PluginUnderTest plugin)
{
    /// <summary>The versions of the spec, ascending.</summary>
    public static readonly IReadOnlyList<string> SpecVersions = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];

    private const int FirstNumber = 100; // three digits
    private const int MaxTimeouts = 3;
    private const string Network = "conformance";
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private int used = FirstNumber - 1;
    private readonly List<string> timedOut = [];

    public PluginUnderTest PluginUnderTest => plugin;

    /// <summary>The versions that the plugin supports.</summary>
    public IReadOnlyList<string> Versions { get; set; } = [];

    /// <summary>The versions of the plugins that are called with it: the earlier plugins of the list, and IPAM plugins.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Neighbours { get; set; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>The newest version that it and its neighbours support; where there is none, the newest that it supports.</summary>
    public string Newest => SpecVersions.LastOrDefault(version => Supports(version) && NeighbourWithout(version) is null)
        ?? SpecVersions.LastOrDefault(Supports) ?? SpecVersions[0];

    /// <summary>Why checks that need ADD are skipped; null where they are not.</summary>
    public string? CannotAdd { get; set; }

    /// <summary>The host's state before the first ADD.</summary>
    public IReadOnlyList<string> InitialSnapshot { get; set; } = [];

    /// <summary>The verbs of calls that timed out.</summary>
    public IReadOnlyList<string> TimedOut => timedOut;

    /// <summary>Why all further checks are skipped; null where they are not.</summary>
    public string? AbortReason => timedOut.Count >= MaxTimeouts ? "not tried: too many calls did not end" : null;

    public static int Rank(string version) => SpecVersions.ToList().IndexOf(version);

    public bool Supports(string version) => Versions.Contains(version);

    /// <summary>A neighbour that does not support a version; null where all do.</summary>
    public string? NeighbourWithout(string version) => Neighbours.FirstOrDefault(entry => !entry.Value.Contains(version)).Key;

    public bool SupportsSince(string version) => Rank(Newest) >= Rank(version);

    /// <summary>A container that is not attached.</summary>
    public TestAttachment NewAttachment(string? version = null) => new(this, Interlocked.Increment(ref used), version ?? Newest);

    /// <summary>An attached container.</summary>
    public async Task<TestAttachment> AddAttachmentAsync(string? version = null)
    {
        var attachment = NewAttachment(version);
        var answer = await attachment.AddAsync();
        if (answer.Succeeded)
            return attachment;
        await attachment.DisposeAsync();
        throw new CheckAbortedException($"ADD: {answer}");
    }

    /// <summary>The types of the neighbours.</summary>
    public IEnumerable<string> NeighbourTypes => plugin.Before.Append(plugin.Config)
        .Select(template => Config(template, FirstNumber, SpecVersions[^1]))
        .SelectMany(config => new[] { Answer.Text(config["type"]), Answer.Text((config["ipam"] as JsonObject)?["type"]) })
        .Where(type => type.Length > 0 && type != plugin.Type)
        .Distinct();

    /// <summary>A configuration of the list as the runtime passes it.</summary>
    public JsonObject Config(string template, int number, string version)
    {
        var config =
            JsonNode.Parse(template.Replace("$N", number.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal))!.AsObject();
        config["cniVersion"] = version;
        config["name"] = Network;
        config["type"] ??= plugin.Type;
        return config;
    }

    /// <summary>The plugin's configuration for no particular container.</summary>
    public JsonObject Config(string? version = null) => Config(plugin.Config, FirstNumber, version ?? Newest);

    public Task<Answer> CallAsync(Dictionary<string, string> variables, JsonObject? config, string? path = null) =>
        CallAsync(variables, config is null ? "" : config.ToJsonString(), path);

    /// <summary>Calls the plugin, or another one. Sets <c>CNI_PATH</c> unless the caller does.</summary>
    public async Task<Answer> CallAsync(Dictionary<string, string> variables, string input, string? path = null)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["CNI_PATH"] = string.Join(':', Folders()) };
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if ((string)variable.Key is var name && !name.StartsWith("CNI_", StringComparison.Ordinal))
                environment[name] = (string?)variable.Value ?? "";
        }
        foreach (var variable in variables)
            environment[variable.Key] = variable.Value;
        if (AbortReason is { } why)
            throw new CheckAbortedException(why);
        var limits = new ProcessLimits(TimeSpan.FromSeconds(plugin.Timeout), TimeSpan.FromSeconds(1), 1024 * 1024, 64 * 1024);
        var exit = await Subprocess.RunAsync(path ?? Executable(), environment.Select(entry => $"{entry.Key}={entry.Value}"),
            Encoding.UTF8.GetBytes(input), limits, CancellationToken.None);
        var answer = new Answer(exit, plugin.Timeout);
        if (!answer.EndedInTime)
            timedOut.Add(variables["CNI_COMMAND"]);
        return answer;
    }

    /// <summary>Calls a verb without a container.</summary>
    public Task<Answer> CallAsync(string command, JsonObject? config = null) =>
        CallAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["CNI_COMMAND"] = command }, config);

    /// <summary>The executable of another plugin; a built-in one first if a built-in plugin is tested.</summary>
    public string FindExecutable(string type) => Folders().Select(folder => Path.Combine(folder, type)).FirstOrDefault(RegularFile.IsAt)
        ?? throw new CheckAbortedException($"plugin {type} is not in {string.Join(", ", Folders())}");

    /// <summary>
    /// The changes of the host's state. Waits a moment, since the kernel completes some operations asynchronously, without a notification.
    /// </summary>
    public static async Task<IReadOnlyList<string>> ChangesSinceAsync(
        IReadOnlyList<string> before, Func<IReadOnlyList<string>>? read = null)
    {
#pragma warning disable RS0030 // there is no event to wait for
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Pause))
#pragma warning restore RS0030
        {
            var changes = HostSnapshot.Differences(before, (read ?? HostSnapshot.OfHost)());
            if (changes.Count == 0 || clock.Elapsed > Settling)
                return changes;
        }
    }

    private string Executable() => plugin.IsBuiltin ? ScratchHost.Link(plugin.Type) : plugin.Path;

    private IEnumerable<string> Folders() => plugin.IsBuiltin ? [ScratchHost.LinkFolder, .. plugin.Folders] : plugin.Folders;
}
