using System.Text;
using System.Text.Json.Nodes;
using CniCore.Invoke;
using CniCore.Plugins;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

namespace CniCore.Tests.Plugins;

/// <summary>Runs an IPAM plugin, ours or the reference's executable. In configurations, DIR is a folder of the test's.</summary>
public abstract class IpamTest : IDisposable
{
    private const string References = "/usr/lib/cni";
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-test-").FullName;
    private readonly BuiltinInvoker invoker;
    private readonly string plugin;

    protected IpamTest(string plugin)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root: the plugins' files are root's");
        Assert.SkipUnless(File.Exists(Path.Combine(References, plugin)), $"needs the reference: {References}/{plugin}");
        this.plugin = plugin;
        invoker = new(BuiltinUse.Always, new ExecInvoker(
            [References], TimeProvider.System, NullLogger<ExecInvoker>.Instance),
            new(new())); // of the host an IPAM plugin uses nothing
    }

    protected string Folder => folder;

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A whole request of the plugin's <c>ipam</c> keys and of others beside them.</summary>
    private protected string Request(string ipam, string others = "", string version = "1.0.0", string dir = "data")
    {
        var head = $"\"cniVersion\":\"{version}\",\"name\":\"net\",\"type\":\"bridge\"";
        var inner = string.Join(',', new[] { $"\"type\":\"{plugin}\"", ipam }.Where(part => part.Length > 0));
        var text = "{" + string.Join(',', new[] { head, others, $"\"ipam\":{{{inner}}}" }.Where(part => part.Length > 0)) + "}";
        return text.Replace("DIR", Path.Combine(folder, dir), StringComparison.Ordinal);
    }

    private protected async Task<string> RunAsync(
        bool builtin, CniCommand command, string request, string id = "c1", string args = "", string ifName = "eth0")
    {
        var call = new PluginCall(command, PluginType.Parse(plugin), id, command == CniCommand.Del
            ? ""
            : "/proc/self/ns/net", ifName, args, Encoding.UTF8.GetBytes(request))
        {
            Builtins = builtin ? new HashSet<string> { plugin } : new HashSet<string>(),
        };
        return Encoding.UTF8.GetString((await invoker.InvokeAsync(call, CancellationToken.None)).StandardOutput.Span);
    }

    private protected Task<CniPluginException> FaultAsync(
        bool builtin, CniCommand command, string request, string id = "c1", string args = "") =>
        Assert.ThrowsAsync<CniPluginException>(() => RunAsync(builtin, command, request, id, args));

    /// <summary>The first address of a result of 1.0.0.</summary>
    private protected static string AddressOf(string result) => (string)JsonNode.Parse(result)!["ips"]![0]!["address"]!;

    private protected static string With(string request, string key, string json)
    {
        var changed = JsonNode.Parse(request)!.AsObject();
        changed[key] = JsonNode.Parse(json);
        return changed.ToJsonString();
    }

    private protected static void AssertSameJson(string expected, string actual) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), $"reference: {expected}\nours: {actual}");
}
