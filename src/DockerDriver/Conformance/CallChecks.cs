using System.Text.Json.Nodes;

namespace DockerDriver.Conformance;

/// <summary>VERSION, and calls that are wrong.</summary>
internal static class CallChecks
{
    private const string Versions = "2 VERSION", Environment = "2 Parameters, 5 Error", Errors = "5 Error";

    public static IEnumerable<Check> All { get; } =
    [
        Plain("version.answer", "versions", "VERSION says which versions the plugin speaks", Versions, Level.Must, VersionAsync),
        Plain("version.bare", "versions", "VERSION needs no variable but CNI_COMMAND", Versions, Level.Must, async trial =>
            Refusal.Success(await trial.CallAsync(
                new(StringComparer.Ordinal) { ["CNI_COMMAND"] = "VERSION", ["CNI_PATH"] = "" }, "{\"cniVersion\":\"1.1.0\"}"))),
        Missing("ADD", "CNI_CONTAINERID"),
        Missing("ADD", "CNI_NETNS"),
        Missing("ADD", "CNI_IFNAME"),
        Missing("DEL", "CNI_CONTAINERID"),
        Missing("DEL", "CNI_IFNAME"),
        Bad("CNI_CONTAINERID", "a/b", "ADD for a container id with a slash is refused"),
        Bad("CNI_IFNAME", "sixteen-letters.", "ADD for an interface name of 16 letters is refused"),
        Plain("environment.netns-not-one", "environment", "ADD into a file that is no namespace is refused", "2 ADD",
            Level.Must, NotANamespaceAsync),
        Plain("error.verb", "errors", "an unknown verb is refused", Errors, Level.Must, async trial =>
            Refusal.Of(await CallAsync(trial, "DANCE", trial.Config().ToJsonString()), 4)),
        Plain("error.json", "errors", "a configuration that is no JSON is refused", Errors, Level.Must, async trial =>
            Refusal.Of(await CallAsync(trial, "ADD", "{ \"cniVersion\": "))),
        Plain("error.object", "errors", "the error is an object on standard output, with code and msg", Errors, Level.Should, ObjectAsync),
        Plain("error.code", "errors", "what cannot be decoded has code 6", "Error codes", Level.Should, async trial =>
            Refusal.Of(await CallAsync(trial, "ADD", "{ \"cniVersion\": "), 6)),
        Plain("error.version-said", "errors", "the error object says its cniVersion", Errors, Level.Should, async trial =>
            await CallAsync(trial, "ADD", "{ \"cniVersion\": ") is { Json: { } error }
                ? error["cniVersion"] is not null ? Sight.Good()
                : Sight.Bad("it has none") : Sight.None("there is no error object")),
        Plain("error.version", "errors", "a version it does not speak is refused, with code 1", "Error codes", Level.Must, async trial =>
            Refusal.Of(await CallAsync(trial, "ADD", trial.Config("99.0.0").ToJsonString()), 1)),
        Plain("error.name", "errors", "a network without a name is refused", "1 Network configuration", Level.Must, NamelessAsync),
    ];

    private static Check Plain(string id, string group, string title, string section, Level level, Func<Trial, Task<Sight>> look) =>
        new(id, group, title, section, level, look) { NeedsAdd = false };

    private static Check Missing(string command, string variable) =>
        Plain($"environment.{command.ToLowerInvariant()}-without-{variable[4..].ToLowerInvariant()}", "environment",
            $"{command} without {variable} is refused with code 4, naming it", Environment, Level.Must, async trial =>
        {
            await using var attachment = trial.NewAttachment();
            var variables = attachment.Variables(command, "", attachment.IfName);
            variables.Remove(variable);
            var answer = await trial.CallAsync(variables, attachment.Config());
            return answer is { Refused: true, Code: 4 } && !answer.Message.Contains(variable, StringComparison.Ordinal)
                ? Sight.Bad($"the message does not name it: {answer}")
                : Refusal.Of(answer, 4);
        });

    private static Check Bad(string variable, string value, string title) =>
        Plain($"environment.bad-{variable[4..].ToLowerInvariant()}", "environment", title, Environment, Level.Must, async trial =>
        {
            await using var attachment = trial.NewAttachment();
            var variables = attachment.Variables("ADD", "", attachment.IfName);
            variables[variable] = value;
            return Refusal.Of(await trial.CallAsync(variables, attachment.Config()));
        });

    private static Task<Answer> CallAsync(Trial trial, string command, string input) => trial.CallAsync(
        new(StringComparer.Ordinal) { ["CNI_COMMAND"] = command, ["CNI_CONTAINERID"] = "conformance", ["CNI_NETNS"] = "/run/cnid/nowhere",
            ["CNI_IFNAME"] = "eth0", ["CNI_ARGS"] = "" }, input);

    private static async Task<Sight> VersionAsync(Trial trial)
    {
        var answer = await trial.CallAsync("VERSION", new() { ["cniVersion"] = "1.1.0" });
        trial.Versions = VersionsOf(answer);
        trial.Neighbours = await NeighboursAsync(trial);
        if (!answer.Succeeded || answer.Json is not { } json)
            return Sight.Bad(answer.ToString());
        return Answer.Text(json["cniVersion"]).Length > 0 && trial.Versions.Any(Trial.SpecVersions.Contains)
            ? Sight.Good(string.Join(", ", trial.Versions))
            : Sight.Bad($"cniVersion and supportedVersions are not both there: {answer}");
    }

    private static IReadOnlyList<string> VersionsOf(Answer answer) =>
        [.. (answer.Json?["supportedVersions"] as JsonArray ?? []).Select(Answer.Text)];

    // One that is not there, or says nothing, is found out by ADD.
    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> NeighboursAsync(Trial trial)
    {
        var neighbours = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var type in trial.NeighbourTypes)
        {
            try
            {
                var said = await trial.CallAsync(new(StringComparer.Ordinal) { ["CNI_COMMAND"] = "VERSION" },
                    new JsonObject { ["cniVersion"] = "1.1.0" }, trial.FindExecutable(type));
                if (VersionsOf(said) is { Count: > 0 } versions)
                    neighbours[type] = versions;
            }
            catch (StoppedException)
            {
            }
        }
        return neighbours;
    }

    private static async Task<Sight> ObjectAsync(Trial trial)
    {
        var answer = await CallAsync(trial, "ADD", "{ \"cniVersion\": ");
        return answer is { Refused: true, Code: not null, Message.Length: > 0 }
            ? Sight.Good(answer.ToString())
            : Sight.Bad(answer.ToString());
    }

    private static async Task<Sight> NamelessAsync(Trial trial)
    {
        var config = trial.Config();
        config.Remove("name");
        return Refusal.Of(await CallAsync(trial, "ADD", config.ToJsonString()));
    }

    private static async Task<Sight> NotANamespaceAsync(Trial trial)
    {
        if (trial.Subject.Kind == PluginKind.Ipam)
            return Sight.None("an address plugin has no use for the namespace");
        await using var attachment = trial.NewAttachment();
        var variables = attachment.Variables("ADD", "", attachment.IfName);
        variables["CNI_NETNS"] = "/etc/passwd";
        if (trial.Subject is { Kind: PluginKind.Chained })
            return Sight.None("a chained plugin need not enter the namespace");
        return Refusal.Of(await trial.CallAsync(variables, attachment.Config()));
    }
}
