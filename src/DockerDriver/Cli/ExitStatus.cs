using System.CommandLine;
using System.CommandLine.Parsing;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.Cli;

/// <summary>
/// Translates exceptions of verbs into exit statuses and messages on standard error: 0 success, 1 failure, 2 wrong usage.
/// </summary>
internal static class ExitStatus
{
    public const int Failed = 1;
    public const int WrongUsage = 2;

    public static async Task<int> OfAsync(Func<Task> work, bool json = false)
    {
        try
        {
            await work();
            return 0;
        }
        catch (SettingsException fault)
        {
            return Print(fault.Message, WrongUsage);
        }
        catch (OperationCanceledException)
        {
            return Print("interrupted", Failed);
        }
        catch (CniException fault) when (json)
        {
            Console.Out.WriteLine(JsonText.Indented(fault.ToJson()));
            return Failed;
        }
        catch (UnauthorizedAccessException fault) when (!Environment.IsPrivilegedProcess)
        {
            return Print($"{fault.Message.TrimEnd('.')}: this needs root", Failed);
        }
        catch (Exception fault) when (fault is CniException or RefusedException or IOException or UnauthorizedAccessException)
        {
            return Print(fault.Message, Failed);
        }
    }

    /// <summary>Reports a usage error in one line.</summary>
    public static int OfWrongUsage(ParseResult parsed) => Print(UsageError(parsed), WrongUsage);

    internal static string UsageError(ParseResult parsed)
    {
        var verb = "";
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Parent: not null } command; at = command.Parent)
            verb = $" {command.Command.Name}{verb}";
        // the last error names the argument; earlier ones are consequences
        return $"{parsed.Errors[^1].Message.TrimEnd('.')}; see: cnid{verb} --help";
    }

    private static int Print(string line, int status)
    {
        Console.Error.WriteLine($"cnid: {PlainText.Of(line)}");
        return status;
    }
}
