using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using DockerDriver.Logging;

namespace DockerDriver.Tests.Logging;

/// <summary>Whatever a file, a list or a plugin says, a terminal and a log get no character that they would obey.</summary>
public sealed class HostileTextTests : IDisposable
{
    // Colour, title and cursor by C0 and by C1; DEL; BEL; a line of its own; overrides and isolates of the direction; a tag.
    private const string Hostile = "\u001b[31m\u009b2J\u0007\u007f\u202e\u2066\u200b\udb40\udc41";

    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;

    public HostileTextTests()
    {
        Directory.CreateDirectory(Path.Combine(folder, "bin"));
        Directory.CreateDirectory(Path.Combine(folder, "conf"));
        Plugin("odd", $$"""{"code":7,"msg":"{{Json(Hostile)}}\nforged line","details":"{{Json(Hostile)}}"}""", status: 1);
        Plugin("good", $$"""{"cniVersion":"1.0.0","interfaces":[{"name":"eth0"}],"dns":{"domain":"{{Json(Hostile)}}"} }""", status: 0);
        List("odd", "odd");
        List("good", "good");
        File.WriteAllText(Path.Combine(folder, "conf", $"{Hostile}.conflist"), $"{{\"name\": \"{Hostile}\"");
        File.WriteAllText(Path.Combine(folder, "conf", "type.conflist"),
            $$"""{"cniVersion":"1.0.0","name":"type","plugins":[{"type":"{{Json(Hostile)}}"}]}""");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("validate {0}/conf")]
    [InlineData("validate {0}/conf/" + Hostile)]
    [InlineData("validate {0}/conf/" + Hostile + ".conflist")]
    [InlineData("networks")]
    [InlineData("networks --json")]
    [InlineData("inspect odd")]
    [InlineData("inspect " + Hostile)]
    [InlineData("add odd /proc/self/ns/net")]
    [InlineData("add odd /proc/self/ns/net --json")]
    [InlineData("add good /proc/self/ns/net")]
    [InlineData("add " + Hostile + " /proc/self/ns/net")]
    [InlineData("release " + Hostile)]
    [InlineData("doctor")]
    [InlineData("serve --log-level " + Hostile)]
    [InlineData(Hostile)]
    [InlineData("conformance " + Hostile)]
    [InlineData("network import " + Hostile)]
    public async Task Verb_PrintsNothingThatATerminalObeys(string words)
    {
        var (output, errors) = await RunAsync(words.Split(' ')
            .Select(word => string.Format(CultureInfo.InvariantCulture, word, folder)));

        Assert.NotEqual("", output + errors);
        Assert.Equal([], Obeyed(output + errors));
        Assert.DoesNotContain("\nforged line", output + errors, StringComparison.Ordinal);
        if (words.EndsWith("--json", StringComparison.Ordinal))
            Assert.Contains(Strings(JsonDocument.Parse(output).RootElement), text => text.Contains(Hostile, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("text")]
    [InlineData("json")]
    public async Task Log_PrintsNothingThatATerminalObeys(string format)
    {
        // The path of a state file, and why it cannot be read.
        Directory.CreateDirectory(Path.Combine(folder, "state", "networks"));
        File.WriteAllText(Path.Combine(folder, "state", "networks", $"{Hostile}.json"), $"{{ \"{Hostile}\n\" }}");
        using var daemon = Start(["serve", "--log-format", format, "--admin-socket", $"{folder}/admin.sock",
            "--plugin-socket", $"{folder}/cni.sock", "--run-dir", $"{folder}/run", "--docker-host", $"unix://{folder}/none.sock"]);
        try
        {
            var line = "";
            while (!line.Contains("cannot be read", StringComparison.Ordinal))
                line = await daemon.StandardError.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new IOException("it ended");
            Assert.Equal([], Obeyed(line));
            if (format == "json")
                Assert.Contains(Strings(JsonDocument.Parse(line).RootElement), text => text.Contains(Hostile, StringComparison.Ordinal));
        }
        finally
        {
            daemon.Kill();
            await daemon.WaitForExitAsync(CancellationToken.None);
        }
    }

    [Fact]
    public void PlainWriter_LeavesLinesAndText()
    {
        using var text = new StringWriter();
        using (var plain = new PlainWriter(text))
        {
            plain.WriteLine("a\tcafé 😀\u001b");
            plain.Write('\u0085');
            plain.Write(['x', '\n']);
        }
        Assert.Equal("a\\tcafé 😀\\u001b\n\\u0085x\n", text.ToString());
    }

    private static IEnumerable<string> Obeyed(string text) =>
        from rune in text.EnumerateRunes()
        where rune.Value != '\n' && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        select $"U+{rune.Value:X4}";

    private static IEnumerable<string> Strings(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => [json.GetString()!],
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => Strings(member.Value)),
        _ => [],
    };

    private async Task<(string Output, string Errors)> RunAsync(IEnumerable<string> words)
    {
        using var run = Start([.. words]);
        var output = run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await run.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (await output, errors);
    }

    private Process Start(IReadOnlyList<string> words) => Process.Start(new ProcessStartInfo(CnidFile.Path, words)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
        StandardErrorEncoding = Encoding.UTF8,
        Environment =
        {
            ["CNID_STATE_DIR"] = Path.Combine(folder, "state"), ["CNID_RUN_DIR"] = Path.Combine(folder, "run"),
            ["CNID_CONF_DIR"] = Path.Combine(folder, "conf"), ["CNID_PLUGIN_DIRS"] = Path.Combine(folder, "bin"),
            ["CNID_DOCKER_HOST"] = $"unix://{folder}/none.sock", ["CNID_ADMIN_SOCKET"] = Path.Combine(folder, "none.sock"),
        },
    })!;

    private void List(string name, string plugin) => File.WriteAllText(Path.Combine(folder, "conf", $"{name}.conflist"),
        $$"""{"cniVersion":"1.0.0","name":"{{name}}","plugins":[{"type":"{{plugin}}"}]}""");

    private void Plugin(string name, string answer, int status)
    {
        var path = Path.Combine(folder, "bin", name);
        File.WriteAllText(path, $$"""
            #!/bin/sh
            [ $CNI_COMMAND = VERSION ] && echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}' && exit 0
            cat <<'E'
            {{answer}}
            E
            printf '\033[31mstandard error\n' >&2
            exit {{status}}
            """);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static string Json(string text) => string.Concat(text.Select(character => $"\\u{(int)character:x4}"));
}
