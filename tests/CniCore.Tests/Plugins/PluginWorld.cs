using System.Text;
using System.Text.Json.Nodes;
using CniCore.Firewall;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;
using CniCore.Plugins;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>A host and a container, both fresh namespaces, and a folder: <c>FOLDER</c> in a configuration stands for it.</summary>
internal sealed class PluginWorld(
    string folder, HostFirewall firewall, NetworkNamespace host, string hostPath, NetworkNamespace container, string containerPath)
{
    private readonly BuiltinInvoker invoker = new(BuiltinUse.Always, new ReferenceInvoker(hostPath), firewall);

    public string Folder => folder;

    public NetworkNamespace Host => host;

    public HostFirewall Firewall => firewall;

    public NetworkNamespace Container => container;

    public string HostPath => hostPath;

    public string NetNs => containerPath;

    /// <summary>Runs a verb as the built-in or as the reference's executable. Answers what it printed.</summary>
    public string Run(CniCommand command, PluginCase what, bool builtin, string? previous = null, string? netns = null,
        string containerId = "c1", string ifName = "eth0")
    {
        var call = new PluginCall(command, PluginType.Parse(what.Type), containerId, netns
            ?? containerPath, ifName, what.Args, Request(what, previous))
        {
            Builtins = builtin ? new HashSet<string>([what.Type, .. what.Ipams]) : [],
        };
        return Encoding.UTF8.GetString(invoker.InvokeAsync(call, CancellationToken.None).GetAwaiter().GetResult().StandardOutput.Span);
    }

    /// <summary>A routing socket on the host.</summary>
    public RouteSocket OnHost() => RouteSocket.OpenIn(host);

    /// <summary>A routing socket in the container.</summary>
    public RouteSocket Inside() => RouteSocket.OpenIn(container);

    private byte[] Request(PluginCase what, string? previous)
    {
        var request = JsonNode.Parse(what.Config.Replace("FOLDER", folder, StringComparison.Ordinal))!.AsObject();
        request["name"] = "net1";
        request["type"] = what.Type;
        request["cniVersion"] ??= "1.0.0";
        if (previous is { Length: > 0 })
            request["prevResult"] = JsonNode.Parse(previous);
        return Encoding.UTF8.GetBytes(request.ToJsonString());
    }
}
