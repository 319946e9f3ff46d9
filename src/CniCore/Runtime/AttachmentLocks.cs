using System.Security.Cryptography;
using System.Text;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>
/// Locks (CNI spec, "Limits"): one verb at a time for a container, across processes; GC excludes all verbs of its network. The container's
/// lock is always taken first. Lock files are a fixed set, chosen by hash, so that they never have to be removed, which cannot be done
/// safely. Two containers with the same lock file merely wait for each other.
/// </summary>
internal sealed class AttachmentLocks(string folder)
{
    private const int Files = 4096;

    public async Task<IDisposable> ForAttachmentAsync(ContainerId container, NetworkName network, CancellationToken cancel)
    {
        var first = await FileLock.TakeAsync(PathOf("container", container.ToString()), shared: false, cancel);
        try
        {
            return new Both(first, await FileLock.TakeAsync(PathOf("network", network.ToString()), shared: true, cancel));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    public async Task<IDisposable> ForGcAsync(NetworkName network, CancellationToken cancel) =>
        await FileLock.TakeAsync(PathOf("network", network.ToString()), shared: false, cancel);

    private string PathOf(string kind, string name)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(name));
        return Path.Combine(folder, $"{kind}-{((hash[0] << 8) | hash[1]) % Files:x3}");
    }

    private sealed class Both(IDisposable container, IDisposable network) : IDisposable
    {
        public void Dispose()
        {
            network.Dispose();
            container.Dispose();
        }
    }
}
