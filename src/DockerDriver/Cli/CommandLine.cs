using System.CommandLine;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Startup;

namespace DockerDriver.Cli;

/// <summary>The command line of <c>cnid</c>: its verbs, and the settings that all of them accept.</summary>
internal static class CommandLine
{
    public static RootCommand Root()
    {
        var root = new RootCommand("cnid: any container of an unmodified Docker Engine, on any CNI network.");
        var config = new Option<string?>("--config")
        {
            Description = $"settings file [default: {SettingsSources.DefaultFile}]",
            Recursive = true
        };
        root.Options.Add(config);
        var flags = SettingKey.All.ToDictionary(key => key.Name, key =>
            new Option<string?>("--" + key.Name)
            {
                Description = $"{key.Help} [default: {key.Default}] [env: {key.Variable}]",
                Recursive = true
            });
        foreach (var flag in flags.Values)
            root.Options.Add(flag);

        root.Subcommands.Add(Serve(SettingsOf));
        root.Subcommands.Add(HealthVerb.Command(SettingsOf));
        root.Subcommands.Add(RuntimeVerb.Command());
        root.Subcommands.Add(NetworkVerb.Command(SettingsOf));
        root.Subcommands.Add(DoctorVerb.Command(SettingsOf));
        root.Subcommands.Add(ReleaseVerb.Command(SettingsOf));
        foreach (var verb in CniVerbs.All(SettingsOf))
            root.Subcommands.Add(verb);
        foreach (var verb in InventoryVerbs.All(SettingsOf))
            root.Subcommands.Add(verb);
        foreach (var verb in ConformanceVerb.All(SettingsOf))
            root.Subcommands.Add(verb);
        return root;

        Settings SettingsOf(ParseResult parsed)
        {
            var given = flags.Where(flag => parsed.GetValue(flag.Value) is not null)
                .ToDictionary(flag => flag.Key, flag => parsed.GetValue(flag.Value)!);
            if (parsed.GetValue(config) is { } file)
                given["config"] = file;
            return SettingsSources.Read(given, Environment.GetEnvironmentVariable);
        }
    }

    private static Command Serve(Func<ParseResult, Settings> settings)
    {
        var serve = new Command("serve", "Run the daemon: Docker's network driver.");
        serve.SetAction((parsed, cancel) => ExitStatus.OfAsync(() => Environment.IsPrivilegedProcess
            ? Daemon.RunAsync(settings(parsed), cancel)
            : throw new RefusedException(
                "serve needs root: the host's, or for a rootless engine that of its namespaces (docs/engines.md, Rootless Docker)")));
        return serve;
    }
}
