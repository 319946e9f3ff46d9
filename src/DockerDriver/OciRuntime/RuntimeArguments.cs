namespace DockerDriver.OciRuntime;

/// <summary>
/// The relevant parts of an OCI runtime's command line, as for runc and crun: global options, the verb, its options, the container's id.
/// The runtime gets all arguments unchanged.
/// </summary>
/// <param name="Verb">Empty where there is none, as for <c>--version</c>.</param>
/// <param name="Id">The container's id; empty where there is none.</param>
/// <param name="Bundle">The bundle's folder; by default the current one.</param>
/// <param name="Log">The file from which the engine reads an error; null for none.</param>
/// <param name="LogsJson">Whether that file has one JSON object per line.</param>
internal sealed record RuntimeArguments(string Verb, string Id, string Bundle, string? Log, bool LogsJson)
{
    // Options before the verb that take a value, so that the value is not taken for the verb.
    private static readonly HashSet<string> GlobalValues = ["log", "log-format", "log-level", "root", "criu", "rootless", "cgroup-manager"];

    private static readonly HashSet<string> VerbValues =
        ["bundle", "b", "console-socket", "pid-file", "preserve-fds", "image-path", "work-path", "parent-path", "manage-cgroups-mode",
            "empty-ns", "status-fd", "lsm-profile", "lsm-mount-context"];

    /// <summary>Whether the verb creates a container and runs its hooks. <c>restore</c> restores a checkpoint in a new namespace.</summary>
    public bool CreatesContainer => Verb is "create" or "run" or "restore";

    public static RuntimeArguments Parse(IReadOnlyList<string> arguments)
    {
        var (global, verb) = Options(arguments, 0, GlobalValues);
        var (own, id) = Options(arguments, verb + 1, VerbValues);
        return new(
            arguments.ElementAtOrDefault(verb) ?? "",
            arguments.ElementAtOrDefault(id) ?? "",
            own.GetValueOrDefault("bundle") ?? own.GetValueOrDefault("b") ?? Environment.CurrentDirectory,
            global.GetValueOrDefault("log"),
            global.GetValueOrDefault("log-format") == "json");
    }

    // runc's option parser accepts "--name VALUE", "--name=VALUE", and both with one dash. Returns the position of the first argument that
    // is not an option.
    private static (Dictionary<string, string> Values, int Next) Options(
        IReadOnlyList<string> arguments, int position, HashSet<string> withValue)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (; position < arguments.Count && arguments[position].StartsWith('-'); position++)
        {
            var option = arguments[position].TrimStart('-').Split('=', 2);
            if (option.Length == 2)
                values[option[0]] = option[1];
            else if (withValue.Contains(option[0]) && position + 1 < arguments.Count)
                values[option[0]] = arguments[++position];
        }
        return (values, position);
    }
}
