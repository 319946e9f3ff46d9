using CniCore.Linux.Namespaces;

namespace CniCore.Plugins.Interfaces;

/// <summary>
/// The namespace a call came in, for what follows an await: an IPAM that is an executable is awaited, and the thread that goes on
/// afterwards may be in another one.
/// </summary>
internal sealed class CallersNamespace : IDisposable
{
    private readonly NetworkNamespace space = NetworkNamespace.Current();
    private readonly int thread = Environment.CurrentManagedThreadId;

    public T Run<T>(Func<T> work) => Environment.CurrentManagedThreadId == thread ? work() : space.Inside(work);

    public void Run(Action work) => Run(() =>
    {
        work();
        return true;
    });

    public void Dispose() => space.Dispose();
}
