using System.Text;
using System.Text.Json.Nodes;
using CniCore.Firewall;
using CniCore.Plugins;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

/// <summary>Calls of a chained built-in, for container 10.BRIDGE.0.NUMBER, or 10.BRIDGE.THIRD.NUMBER.</summary>
internal sealed record Calls(BuiltinPlugin Plugin, string Type, int Bridge, int Number)
{
    public string Network { get; init; } = "net";

    public string Keys { get; init; } = "{}";

    public bool HasResult { get; init; } = true;

    public int Third { get; init; }

    /// <summary>The result's interfaces; the third is the container's by default.</summary>
    public string? Interfaces { get; init; }

    // As the bridge plugin answers: the bridge, the host's end of the pair, the container's.
    private string FromBridge => $$"""
        { "name": "br{{Bridge}}" }, { "name": "v{{Bridge}}-{{Number}}" }, { "name": "{{IfName}}", "sandbox": "/run/netns/c" }
        """;

    public string IfName { get; init; } = "eth0";

    public string? ContainerId { get; init; }

    public AttachmentTag Tag => new(Network, ContainerId ?? $"container{Bridge}-{Number}", IfName);

    public Task<CniResult> AddAsync(HostFirewall firewall) => Plugin.AddAsync(Call(firewall, CniCommand.Add), CancellationToken.None);

    public Task DeleteAsync(HostFirewall firewall) => Plugin.DeleteAsync(Call(firewall, CniCommand.Del), CancellationToken.None);

    public Task CheckAsync(HostFirewall firewall) => Plugin.CheckAsync(Call(firewall, CniCommand.Check), CancellationToken.None);

    public void RestoreRules(HostFirewall firewall) => Plugin.RestoreRules(Call(firewall, CniCommand.Check));

    public Task CollectAsync(HostFirewall firewall, params AttachmentTag[] valid) =>
        Plugin.CollectGarbageAsync(Call(firewall, CniCommand.Gc, valid), CancellationToken.None);

    public Task StatusAsync(HostFirewall firewall) => Plugin.StatusAsync(Call(firewall, CniCommand.Status), CancellationToken.None);

    private BuiltinCall Call(HostFirewall firewall, CniCommand command, params AttachmentTag[] valid)
    {
        var config = JsonNode.Parse(Keys)!.AsObject();
        config["cniVersion"] = "1.1.0";
        config["name"] = Network;
        config["type"] = Type;
        if (HasResult)
            config["prevResult"] = JsonNode.Parse($$"""
                { "cniVersion": "1.1.0",
                  "interfaces": [ {{Interfaces ?? FromBridge}} ],
                  "ips": [ { "interface": 2, "address": "10.{{Bridge}}.{{Third}}.{{Number}}/24" },
                           { "interface": 2, "address": "fd00:{{Bridge}}::{{(Third > 0 ? $"{Third}:" : "")}}{{Number}}/64" } ] }
                """);
        config["cni.dev/valid-attachments"] =
            new JsonArray([.. valid.Select(tag => new JsonObject { ["containerID"] = tag.ContainerId, ["ifname"] = tag.IfName })]);
        var call = new PluginCall(command, PluginType.Parse(Type), Tag.ContainerId, "/run/netns/c", IfName, "",
            Encoding.UTF8.GetBytes(config.ToJsonString()));
        return BuiltinCall.Of(call, invoker: null, firewall); // who delegates to nobody needs no invoker
    }
}
