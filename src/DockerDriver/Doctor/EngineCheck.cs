using CniCore.Linux.Namespaces;
using DockerDriver.Engine;
using DockerDriver.Errors;

namespace DockerDriver.Doctor;

/// <summary>Checks the engine: whether it answers, its version, and when it creates a container's netns.</summary>
internal sealed class EngineCheck()
    : DoctorCheck(
    "engine", "without the engine's API, label containers are not attached, and networks removed while cnid is down are not noticed")
{
    private const int SandboxFirst = 28;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);
    private static readonly Version Oldest = new(20, 10);

    // Leave of a remote driver's endpoint unlocks a mutex twice (moby #51554).
    private static readonly Version CrashesFrom = new(29, 0, 0);
    private static readonly Version CrashesUntil = new(29, 0, 3);

    public override async Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var at = host.Settings.DockerHost;
        try
        {
            using var engine = new EngineClient(host.Settings);
            var (version, security) = await engine.DescribeAsync(Timeout, cancel);
            DoctorFinding[] outside = IsOutsideRootless(security, UserNamespace.IsInitial) ? [OutsideRootless(at)] : [];
            return [Of(version, at), Sandbox(Parse(version)), .. outside];
        }
        catch (EngineException fault)
        {
            return [Fail($"{at} does not answer: {fault.Message}", ServiceCommand.Start("docker", "dockerd"))];
        }
    }

    private DoctorFinding Of(string text, string at)
    {
        var version = Parse(text);
        if (version >= CrashesFrom && version < CrashesUntil)
            return Fail($"Docker {text} at {at}", "apt-get install --only-upgrade docker-ce",
                "this version crashes when a container leaves a network of a plugin (moby #51554); 29.0.3 does not");
        return version < Oldest
            ? Warn($"Docker {text} at {at}", "apt-get install --only-upgrade docker.io", $"cnid is tested with {Oldest} and later")
            : Ok($"Docker {text} at {at}");
    }

    /// <summary>Whether the engine is rootless, and this process outside of its namespaces.</summary>
    /// <param name="security">The engine's security options.</param>
    /// <param name="isOfHost">Whether this process is in the initial user namespace.</param>
    internal static bool IsOutsideRootless(IEnumerable<string> security, bool isOfHost) =>
        isOfHost && security.Any(option => option.Split(',').Contains("name=rootless"));

    private DoctorFinding OutsideRootless(string at) => Fail(
        $"the engine at {at} is rootless, and cnid is outside of its namespaces",
        "",
        "neither finds the other's sockets and interfaces: start cnid as that engine's user, in its namespaces (docs/engines.md, "
        + "Rootless Docker)");

    private DoctorFinding Sandbox(Version version) => Ok(version.Major >= SandboxFirst
        ? "creates a container's namespace before its networks: everything that plugins set up is there before the first instruction"
        : "creates a container's namespace after its networks (before 28): addresses and routes are there before the first instruction, "
            + "tc, rules and sysctls right after it");

    private static Version Parse(string text) => EngineVersion.Parse(text) ?? new(0, 0);
}
