using CniCore.Linux.Namespaces;

namespace DockerDriver.Doctor;

/// <summary>A network namespace to try things in; nothing of it stays.</summary>
internal static class ScratchNamespace
{
    public static T Try<T>(string runDir, Func<NetworkNamespace, T> work)
    {
        var path = Path.Combine(runDir, $"doctor-{Environment.ProcessId}");
        try
        {
            using var space = NetworkNamespace.CreatePinned(path);
            return work(space);
        }
        finally
        {
            NetworkNamespace.Unpin(path);
        }
    }
}
