using System.Runtime.CompilerServices;

namespace Support;

/// <summary>
/// Removes environment variables that would affect tests and the programs they start: cnid's settings, CNI's arguments, and the address of
/// Docker's client.
/// </summary>
internal static class CleanEnvironment
{
    private const string OfTests = "CNID_TEST_";
    private static readonly string[] Foreign = ["CNID_", "CNI_", "DOCKER_", "COMPOSE_", "NETCONFPATH", "CAP_ARGS", "LC_", "LANG"];

    [ModuleInitializer]
    internal static void Clean()
    {
        foreach (string name in Environment.GetEnvironmentVariables().Keys)
        {
            if (!name.StartsWith(OfTests, StringComparison.Ordinal)
                && Foreign.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)))
                Environment.SetEnvironmentVariable(name, null);
        }
        Environment.SetEnvironmentVariable("LC_ALL", "C"); // messages of programs are read
        Environment.SetEnvironmentVariable("DOCKER_CONFIG", "/nonexistent"); // the user's contexts
    }
}
