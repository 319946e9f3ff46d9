using System.Text.Json.Nodes;

namespace Conformance;

/// <summary>Checks of VERSION and of invalid calls.</summary>
internal static class CallChecks
{
    private const string Versions = "2 VERSION", Environment = "2 Parameters, 5 Error", Errors = "5 Error";

    public static IEnumerable<Check> All { get; } =
    [
        Plain("version.answer", "versions", "VERSION says which versions the plugin speaks", Versions, Level.Must, VersionAsync),
        Plain("version.bare", "versions", "VERSION needs no variable but CNI_COMMAND", Versions, Level.Must, async test =>
            Expectation.Success(await test.CallAsync(
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
        Plain("error.verb", "errors", "an unknown verb is refused", Errors, Level.Must, async test =>
            Expectation.Refusal(await CallAsync(test, "DANCE", test.Config().ToJsonString()), 4)),
        Plain("error.json", "errors", "a configuration that is no JSON is refused", Errors, Level.Must, async test =>
            Expectation.Refusal(await CallAsync(test, "ADD", "{ \"cniVersion\": "))),
        Plain("error.object", "errors", "the error is an object on standard output, with code and msg", Errors, Level.Should, ObjectAsync),
        Plain("error.code", "errors", "what cannot be decoded has code 6", "Error codes", Level.Should, async test =>
            Expectation.Refusal(await CallAsync(test, "ADD", "{ \"cniVersion\": "), 6)),
        Plain("error.version-said", "errors", "the error object says its cniVersion", Errors, Level.Should, async test =>
            await CallAsync(test, "ADD", "{ \"cniVersion\": ") is { Json: { } error }
                ? error["cniVersion"] is not null ? Outcome.Pass()
                : Outcome.Fail("it has none") : Outcome.Skip("there is no error object")),
        Plain("error.version", "errors", "a version it does not speak is refused, with code 1", "Error codes", Level.Must, async test =>
            Expectation.Refusal(await CallAsync(test, "ADD", test.Config("99.0.0").ToJsonString()), 1)),
        Plain("error.name", "errors", "a network without a name is refused", "1 Network configuration", Level.Must, NamelessAsync),
    ];

    private static Check Plain(string id, string group, string title, string section, Level level, Func<PluginTest, Task<Outcome>> look) =>
        new(id, group, title, section, level, look) { NeedsAdd = false };

    private static Check Missing(string command, string variable) =>
        Plain($"environment.{command.ToLowerInvariant()}-without-{variable[4..].ToLowerInvariant()}", "environment",
            $"{command} without {variable} is refused with code 4, naming it", Environment, Level.Must, async test =>
        {
            await using var attachment = test.NewAttachment();
            var variables = attachment.Variables(command, "", attachment.IfName);
            variables.Remove(variable);
            var answer = await test.CallAsync(variables, attachment.Config());
            return answer is { Refused: true, Code: 4 } && !answer.Message.Contains(variable, StringComparison.Ordinal)
                ? Outcome.Fail($"the message does not name it: {answer}")
                : Expectation.Refusal(answer, 4);
        });

    private static Check Bad(string variable, string value, string title) =>
        Plain($"environment.bad-{variable[4..].ToLowerInvariant()}", "environment", title, Environment, Level.Must, async test =>
        {
            await using var attachment = test.NewAttachment();
            var variables = attachment.Variables("ADD", "", attachment.IfName);
            variables[variable] = value;
            return Expectation.Refusal(await test.CallAsync(variables, attachment.Config()));
        });

    private static Task<Answer> CallAsync(PluginTest test, string command, string input) => test.CallAsync(
        new(StringComparer.Ordinal)
        {
            ["CNI_COMMAND"] = command, ["CNI_CONTAINERID"] = "conformance", ["CNI_NETNS"] = "/run/cnid/nowhere",
            ["CNI_IFNAME"] = "eth0", ["CNI_ARGS"] = ""
        }, input);

    private static async Task<Outcome> VersionAsync(PluginTest test)
    {
        var answer = await test.CallAsync("VERSION", new() { ["cniVersion"] = "1.1.0" });
        test.Versions = VersionsOf(answer);
        test.Neighbours = await NeighboursAsync(test);
        if (!answer.Succeeded || answer.Json is not { } json)
            return Outcome.Fail(answer.ToString());
        return Answer.Text(json["cniVersion"]).Length > 0 && test.Versions.Any(PluginTest.SpecVersions.Contains)
            ? Outcome.Pass(string.Join(", ", test.Versions))
            : Outcome.Fail($"cniVersion and supportedVersions are not both there: {answer}");
    }

    private static IReadOnlyList<string> VersionsOf(Answer answer) =>
        [.. (answer.Json?["supportedVersions"] as JsonArray ?? []).Select(Answer.Text)];

    // A plugin that does not exist or does not answer is found by ADD.
    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<string>>> NeighboursAsync(PluginTest test)
    {
        var neighbours = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var type in test.NeighbourTypes)
        {
            try
            {
                var said = await test.CallAsync(new(StringComparer.Ordinal) { ["CNI_COMMAND"] = "VERSION" },
                    new JsonObject { ["cniVersion"] = "1.1.0" }, test.FindExecutable(type));
                if (VersionsOf(said) is { Count: > 0 } versions)
                    neighbours[type] = versions;
            }
            catch (CheckAbortedException)
            {
            }
        }
        return neighbours;
    }

    private static async Task<Outcome> ObjectAsync(PluginTest test)
    {
        var answer = await CallAsync(test, "ADD", "{ \"cniVersion\": ");
        return answer is { Refused: true, Code: not null, Message.Length: > 0 }
            ? Outcome.Pass(answer.ToString())
            : Outcome.Fail(answer.ToString());
    }

    private static async Task<Outcome> NamelessAsync(PluginTest test)
    {
        var config = test.Config();
        config.Remove("name");
        return Expectation.Refusal(await CallAsync(test, "ADD", config.ToJsonString()));
    }

    private static async Task<Outcome> NotANamespaceAsync(PluginTest test)
    {
        if (test.PluginUnderTest.Kind == PluginKind.Ipam)
            return Outcome.Skip("an address plugin has no use for the namespace");
        await using var attachment = test.NewAttachment();
        var variables = attachment.Variables("ADD", "", attachment.IfName);
        variables["CNI_NETNS"] = "/etc/passwd";
        if (test.PluginUnderTest is { Kind: PluginKind.Chained })
            return Outcome.Skip("a chained plugin need not enter the namespace");
        return Expectation.Refusal(await test.CallAsync(variables, attachment.Config()));
    }
}
