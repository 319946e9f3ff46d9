using System.CommandLine;
using CniCore.Config;
using CniCore.Spec;
using DockerDriver.Logging;

namespace DockerDriver.Cli;

/// <summary><c>cnid validate FILE|DIR</c>: reports errors in network lists without running plugins.</summary>
internal static class ValidateVerb
{
    public static Command Command()
    {
        var path = new Argument<string>("FILE|DIR") { Description = "a network list, or a folder of them" };
        var verb = new Command("validate", "Report errors in network lists, without running plugins.") { path };
        verb.SetAction(parsed => Run(parsed.GetRequiredValue(path)));
        return verb;
    }

    private static int Run(string path)
    {
        if (!Path.Exists(path))
        {
            Console.Error.WriteLine($"cnid: {PlainText.Of(path)} does not exist");
            return ExitStatus.WrongUsage;
        }
        var (lists, broken) = Directory.Exists(path) ? new NetworkListFolder(path, ofAnybody: true).Read() : ReadFile(path);
        foreach (var list in lists)
            Console.Out.WriteLine($"{PlainText.Of(list.Source!)}: {list.Name}, version {list.CniVersion}: "
                + string.Join(", ", list.Plugins.Select(plugin => plugin.Type)));
        foreach (var (_, reason) in broken)
            Console.Error.WriteLine($"cnid: {PlainText.Of(reason)}");
        return broken.Count == 0 ? 0 : ExitStatus.Failed;
    }

    private static (IReadOnlyList<NetworkList> Lists, IReadOnlyList<(string Path, string Reason)> Broken) ReadFile(string path)
    {
        try
        {
            return ([NetworkListFolder.ReadFile(path)], []);
        }
        catch (Exception fault) when (fault is CniConfigException or IOException or UnauthorizedAccessException)
        {
            return ([], [(path, fault.Message)]);
        }
    }
}
