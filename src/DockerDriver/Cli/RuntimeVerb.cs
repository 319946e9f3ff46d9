using System.CommandLine;
using DockerDriver.OciRuntime;

namespace DockerDriver.Cli;

/// <summary><c>cnid runtime</c>, for whoever looks for it in the help. What Docker calls never comes here: see Program.cs.</summary>
internal static class RuntimeVerb
{
    public static Command Command()
    {
        var verb = new Command(RuntimeProgram.Verb, "Be an OCI runtime for Docker: runc, with networks before a container's first "
            + "instruction (docs/runtime-guarantee.md).") { TreatUnmatchedTokensAsErrors = false };
        verb.SetAction(_ =>
        {
            Console.Error.WriteLine($"cnid: {RuntimeProgram.Verb} takes an OCI runtime's arguments, and stands before all of them");
            return ExitStatus.WrongUsage;
        });
        return verb;
    }
}
