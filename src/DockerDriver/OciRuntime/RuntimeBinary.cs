using CniCore.Linux.Files;

namespace DockerDriver.OciRuntime;

/// <summary>Finds the OCI runtime to execute.</summary>
internal static class RuntimeBinary
{
    public const string Default = "runc";

    /// <param name="name">A path, or a name to look up in <c>PATH</c>.</param>
    /// <param name="searchPath">The value of <c>PATH</c>.</param>
    /// <exception cref="OciRuntimeException">It does not exist.</exception>
    public static string Find(string name, string searchPath)
    {
        if (name.Contains('/'))
            return RegularFile.IsAt(name)
                ? name
                : throw new OciRuntimeException($"the runtime {name} does not exist; it was named with --runc");
        return searchPath.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, name))
            .FirstOrDefault(RegularFile.IsAt)
            ?? throw new OciRuntimeException(
                $"no {name} in {searchPath}; install it, or name another with --runc=PATH; see docs/runtime-guarantee.md");
    }
}
