using System.Text;
using CniCore.Cache;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

namespace CniCore.Tests.Runtime;
/// <summary>A runtime over plugins that write down how they are called, with a folder of its own.</summary>
public abstract class CniRuntimeTest : IDisposable
{
    private protected static readonly AttachmentRequest Request =
        new() { ContainerId = ContainerId.Parse("c1"), NetNs = "/ns", IfName = InterfaceName.Parse("eth0"), Args = [new("K", "V")] };

    private protected readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private protected readonly RecordingInvoker plugins = new();

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(folder, recursive: true);
    }

    private protected CniRuntime Runtime(TimeProvider? clock = null) => new(
        new()
        {
            CacheFolder = Path.Combine(folder, "cache"),
            CopyFolder = Path.Combine(folder, "copies"),
            LockFolder = Path.Combine(folder, "locks")
        },
        plugins,
        clock ?? TimeProvider.System,
        NullLogger<CniRuntime>.Instance);

    private protected static NetworkList List(params string[] types)
    {
        var plugins = string.Join(',', types.Select(type => $$"""{"type":"{{type}}"}"""));
        return NetworkList.Parse(Encoding.UTF8.GetBytes($$"""{"cniVersion":"1.0.0","name":"net","plugins":[{{plugins}}]}"""));
    }
}
