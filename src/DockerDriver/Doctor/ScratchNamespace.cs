using CniCore.Linux.Namespaces;

namespace DockerDriver.Doctor;

/// <summary>A temporary netns for tests.</summary>
internal static class ScratchNamespace
{
    public static T Use<T>(string runDir, Func<NetworkNamespace, T> work)
    {
        var path = Path.Combine(runDir, $"doctor-{Environment.ProcessId}");
        try
        {
            using var netns = NetworkNamespace.CreatePinned(path);
            return work(netns);
        }
        finally
        {
            NetworkNamespace.Unpin(path);
        }
    }
}
