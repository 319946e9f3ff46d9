using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CniCore.Linux.Files;
using DockerDriver.Errors;

namespace DockerDriver.OciRuntime;

/// <summary>
/// A container as Docker passes it to its runtime: a folder with <c>config.json</c> (OCI runtime specification, "Filesystem Bundle").
/// </summary>
internal sealed class Bundle
{
    private const string Hooks = "hooks";
    private const string CreateRuntime = "createRuntime";
    private const int Limit = 16 * 1024 * 1024;
    private readonly string path;
    private readonly JsonObject config;

    private Bundle(string path, JsonObject config) => (this.path, this.config) = (path, config);

    /// <exception cref="OciRuntimeException">Its configuration cannot be read.</exception>
    public static Bundle Open(string folder)
    {
        var path = Path.Combine(folder, "config.json");
        try
        {
            var config = UserJson.Parse(Encoding.UTF8.GetString(ForeignFile.ReadAllBytes(path, Limit)));
            return config.ValueKind == JsonValueKind.Object
                ? new(path, JsonObject.Create(config)!)
                : throw new FormatException("is not a JSON object");
        }
        catch (FormatException fault)
        {
            throw new OciRuntimeException($"{path}: it {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new OciRuntimeException($"{path}: {fault.Message}", fault);
        }
    }

    /// <summary>Whether the runtime creates a netns for it. A namespace with a path exists already; no entry means the host's.</summary>
    public bool HasNewNetworkNamespace => (config["linux"] as JsonObject)?["namespaces"] is JsonArray namespaces
        && namespaces.Any(netns => Text(netns, "type") == "network" && string.IsNullOrEmpty(Text(netns, "path")));

    /// <summary>The sources of its mounts.</summary>
    public IEnumerable<string> MountSources => config["mounts"] is JsonArray mounts
        ? mounts.Select(mount => Text(mount, "source")).OfType<string>()
        : [];

    /// <summary>
    /// Adds a hook that the runtime calls after it has created the namespaces and before the container's process (OCI runtime
    /// specification, "Lifecycle", step 4). Everything else is unchanged. Idempotent.
    /// </summary>
    public void AddCreateRuntimeHook(string program, IReadOnlyList<string> arguments, TimeSpan timeout)
    {
        if (config[Hooks] is not JsonObject hooks)
            config[Hooks] = hooks = [];
        if (hooks[CreateRuntime] is not JsonArray list)
            hooks[CreateRuntime] = list = [];
        var hook = new JsonObject
        {
            ["path"] = program,
            ["args"] = new JsonArray([.. arguments.Select(argument => (JsonNode)argument)]),
            ["timeout"] = (int)timeout.TotalSeconds,
        };
        if (list.Any(other => JsonNode.DeepEquals(other, hook)))
            return;
        list.Add((JsonNode)hook);
        var mode = File.GetUnixFileMode(path);
        DurableFile.Write(path, Encoding.UTF8.GetBytes(config.ToJsonString()));
        File.SetUnixFileMode(path, mode);
    }

    private static string? Text(JsonNode? of, string key) =>
        of is JsonObject members && members[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
