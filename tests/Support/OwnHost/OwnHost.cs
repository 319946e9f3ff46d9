using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Support;

/// <summary>Restarts the test program in place on an isolated host (own-host.sh) before it runs a test.</summary>
internal static class OwnHost
{
    private const string Word = "CNID_TEST_OWN_HOST";

    [ModuleInitializer]
    internal static void Enter()
    {
        if (Environment.UserName != "root" || Environment.GetEnvironmentVariable(Word) is not null)
            return;
        CleanEnvironment.Clean();
        Environment.SetEnvironmentVariable(Word, "1");
        var program = Environment.ProcessPath!;
        var arguments = Environment.GetCommandLineArgs();
        string[] command = [Path.Combine(AppContext.BaseDirectory, "own-host.sh"), program, .. Path.GetFileName(program) == "dotnet"
            ? arguments
            : arguments[1..]];
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(variable => $"{variable.Key}={variable.Value}");
        _ = Replace(command[0], [.. command, null], [.. environment, null]);
        throw new InvalidOperationException($"{command[0]} cannot be run: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [DllImport("libc", EntryPoint = "execve", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Replace(string path, string?[] arguments, string?[] environment);
}
