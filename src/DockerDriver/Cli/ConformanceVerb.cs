using System.CommandLine;
using System.Text.Json;
using CniCore.Spec;
using Conformance;
using DockerDriver.Configuration;
using DockerDriver.Errors;

namespace DockerDriver.Cli;

/// <summary><c>cnid conformance PLUGIN …</c>: tests plugins against the CNI spec, on an isolated host.</summary>
internal static class ConformanceVerb
{
    public static IEnumerable<Command> All(Func<ParseResult, Settings> settings)
    {
        yield return Verb(settings);
        var inside = new Command(ConformanceRun.InnerVerb) { Hidden = true };
        inside.SetAction((_, _) => ExitStatus.OfAsync(ConformanceRun.InsideAsync));
        yield return inside;
    }

    private static Command Verb(Func<ParseResult, Settings> settings)
    {
        var plugins = new Argument<string[]>(
            "PLUGIN")
        { Description = "a plugin's type, which is looked up in plugin-dirs, or a path", Arity = ArgumentArity.OneOrMore };
        var config = new Option<string?>("--config")
        {
            Description =
            "a network list or configuration with the plugin; $N in it becomes each attachment's number [default: a known one]"
        };
        var kind = new Option<PluginKind?>("--kind") { Description = "what the plugin does, if the list does not show it" };
        var builtin = new Option<bool>("--builtin") { Description = "test the built-in plugin of that name" };
        var strict = new Option<bool>("--strict") { Description = "fail for violations of 'should' too" };
        var tap = new Option<bool>("--tap") { Description = "print TAP" };
        var json = new Option<bool>("--json") { Description = "print JSON" };
        var markdown = new Option<bool>("--markdown") { Description = "print a Markdown table" };
        var verb = new Command("conformance", "Test plugins against the CNI spec, in namespaces of their own.") { plugins,
            config, kind, builtin, strict, tap, json, markdown };
        verb.SetAction(async (parsed, cancel) =>
        {
            var failed = false;
            var status = await ExitStatus.OfAsync(async () =>
            {
                var given = CniEnvironment.ApplyTo(settings(parsed));
                var finder = new PluginFinder(given.PluginDirs, parsed.GetValue(builtin), parsed.GetValue(config), parsed.GetValue(kind),
                    given.PluginTimeout.TotalSeconds);
                var tested = PluginsUnderTest(finder, parsed.GetValue(plugins)!);
                var reports = new List<ConformanceReport>();
                foreach (var plugin in tested)
                {
                    reports.Add(await ConformanceRun.OfAsync(plugin, cancel));
                    if (!parsed.GetValue(tap) && !parsed.GetValue(json) && !parsed.GetValue(markdown))
                        Console.Out.WriteLine(ReportText.Table(reports[^1]));
                }
                if (parsed.GetValue(tap))
                    Console.Out.WriteLine(ReportText.Tap(reports));
                else if (parsed.GetValue(markdown))
                    Console.Out.WriteLine(ReportText.Markdown(reports));
                else if (parsed.GetValue(json))
                    Console.Out.WriteLine(JsonText.Indented(
                        JsonText.Array(reports.Select(report =>
                            JsonSerializer.SerializeToNode(report, ConformanceJson.Default.ConformanceReport)!.AsObject()))));
                failed = reports.Any(report =>
                    report.Count(Verdict.Fail) > 0 || (parsed.GetValue(strict) && report.Count(Verdict.Gap) > 0));
            });
            return status == 0 && failed ? ExitStatus.Failed : status;
        });
        return verb;
    }

    // A plugin that cannot be tested is a usage error, not a failed test.
    private static List<PluginUnderTest> PluginsUnderTest(PluginFinder finder, string[] plugins)
    {
        try
        {
            return [.. plugins.Select(finder.Find)];
        }
        catch (CniConfigException fault)
        {
            throw new SettingsException(fault.Message);
        }
    }
}
