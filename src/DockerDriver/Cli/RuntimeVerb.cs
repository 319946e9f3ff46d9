using System.CommandLine;
using DockerDriver.OciRuntime;

namespace DockerDriver.Cli;

/// <summary><c>cnid runtime</c> in the help. The verb itself is handled in Program.cs.</summary>
internal static class RuntimeVerb
{
    public static Command Command()
    {
        var verb = new Command(RuntimeProgram.Verb, "Run as an OCI runtime: runc, with networks attached before a container's first "
            + "instruction (docs/runtime-guarantee.md).")
        { TreatUnmatchedTokensAsErrors = false };
        verb.SetAction(_ =>
        {
            Console.Error.WriteLine($"cnid: {RuntimeProgram.Verb} takes an OCI runtime's arguments, and must be the first argument");
            return ExitStatus.WrongUsage;
        });
        return verb;
    }
}
