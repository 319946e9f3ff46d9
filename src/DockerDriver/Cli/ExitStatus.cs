using System.CommandLine;
using System.CommandLine.Parsing;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Logging;

namespace DockerDriver.Cli;

/// <summary>
/// The one place where a verb's fault becomes an exit status and a line on standard error: 0, 1 it failed, 2 wrong usage.
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
            return Say(fault.Message, WrongUsage);
        }
        catch (OperationCanceledException)
        {
            return Say("interrupted", Failed);
        }
        catch (CniException fault) when (json)
        {
            Console.Out.WriteLine(JsonText.Indented(fault.ToJson()));
            return Failed;
        }
        catch (UnauthorizedAccessException fault) when (!Environment.IsPrivilegedProcess)
        {
            return Say($"{fault.Message.TrimEnd('.')}: this needs root", Failed);
        }
        catch (Exception fault) when (fault is CniException or RefusedException or IOException or UnauthorizedAccessException)
        {
            return Say(fault.Message, Failed);
        }
    }

    /// <summary>What is wrong with the words after <c>cnid</c>, in one line.</summary>
    public static int OfWrongUsage(ParseResult parsed) => Say(Complaint(parsed), WrongUsage);

    internal static string Complaint(ParseResult parsed)
    {
        var verb = "";
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Parent: not null } command; at = command.Parent)
            verb = $" {command.Command.Name}{verb}";
        // the last one has the word; the ones before follow from it
        return $"{parsed.Errors[^1].Message.TrimEnd('.')}; see: cnid{verb} --help";
    }

    private static int Say(string line, int status)
    {
        Console.Error.WriteLine($"cnid: {PlainText.Of(line)}");
        return status;
    }
}
