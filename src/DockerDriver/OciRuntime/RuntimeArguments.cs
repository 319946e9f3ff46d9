namespace DockerDriver.OciRuntime;

/// <summary>
/// What of an OCI runtime's command line matters here. It is runc's (and crun's): global options, the verb, its options, the container's
/// id. Everything else is the runtime's business and goes to it unread.
/// </summary>
/// <param name="Verb">Empty where there is none, as in <c>--version</c>.</param>
/// <param name="Id">The container's; empty where there is none.</param>
/// <param name="Bundle">The bundle's folder; the current one where none is named.</param>
/// <param name="Log">The file that the engine reads a fault from; null where none is named.</param>
/// <param name="LogsJson">Whether that file is JSON, a line an entry.</param>
internal sealed record RuntimeArguments(string Verb, string Id, string Bundle, string? Log, bool LogsJson)
{
    // Options before the verb that take a value: without them a value could pass for the verb.
    private static readonly HashSet<string> GlobalValues = ["log", "log-format", "log-level", "root", "criu", "rootless", "cgroup-manager"];

    private static readonly HashSet<string> VerbValues =
        ["bundle", "b", "console-socket", "pid-file", "preserve-fds", "image-path", "work-path", "parent-path", "manage-cgroups-mode",
            "empty-ns", "status-fd", "lsm-profile", "lsm-mount-context"];

    /// <summary>
    /// Whether the verb makes a container, and its hooks are run. <c>restore</c> brings a checkpoint back, in a new namespace.
    /// </summary>
    public bool MakesContainer => Verb is "create" or "run" or "restore";

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

    // "--name VALUE", "--name=VALUE", and with one dash: runc's library of options takes them all. Answers where the first word stands that
    // is none.
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
