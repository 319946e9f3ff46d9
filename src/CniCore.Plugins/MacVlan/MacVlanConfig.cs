using System.Text.Json.Serialization;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.MacVlan;

/// <summary>The keys of plugins/main/macvlan.</summary>
internal sealed record MacVlanConfig
{
    /// <summary>The interface to stand on; empty for that of the default route.</summary>
    [JsonPropertyName("master")]
    public string? Master { get; init; }

    /// <summary><c>bridge</c>, <c>private</c>, <c>vepa</c> or <c>passthru</c>; empty for <c>bridge</c>.</summary>
    [JsonPropertyName("mode")]
    public string? Mode { get; init; }

    /// <summary>In bytes, at most the master's; 0 for the master's.</summary>
    [JsonPropertyName("mtu")]
    public int? Mtu { get; init; }

    [JsonPropertyName("mac")]
    public string? Mac { get; init; }

    /// <summary>The master is in the container.</summary>
    [JsonPropertyName("linkInContainer")]
    public bool? LinkInContainer { get; init; }

    /// <summary>How many broadcasts may wait; 0 for the kernel's own.</summary>
    [JsonPropertyName("bcqueuelen")]
    public uint? BroadcastQueueLength { get; init; }

    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public RuntimeField? Runtime { get; init; }

    /// <summary>Reads the configuration of a call. Mode and MAC are checked where they are used.</summary>
    public static MacVlanConfig Of(BuiltinCall call) => call.Read(MacVlanJson.Default.MacVlanConfig);

    /// <summary>The mode as the kernel has it.</summary>
    /// <exception cref="CniPluginException">There is no such mode.</exception>
    public int KernelMode() => Mode switch
    {
        null or "" or "bridge" => 4,
        "private" => 1,
        "vepa" => 2,
        "passthru" => 8,
        _ => throw new CniPluginException(CniErrorCode.InvalidConfig, $"unknown macvlan mode: \"{Mode}\""),
    };

    /// <summary>The hardware address: the configuration's yields to <c>CNI_ARGS</c>, and that to the capability. Null for any.</summary>
    /// <exception cref="CniPluginException">It is none.</exception>
    public string? MacFor(BuiltinCall call)
    {
        string?[] said = [Runtime?.Mac, call.Args.GetValueOrDefault("MAC"), Mac];
        return said.FirstOrDefault(text => !string.IsNullOrEmpty(text)) is { } mac ? HardwareAddress.Parse(mac) : null;
    }

    /// <summary>The interface to stand on.</summary>
    /// <exception cref="CniPluginException">There is none, under the code that the verb has for it.</exception>
    public Link FindMaster(RouteSocket outside, CniErrorCode missing)
    {
        if (!string.IsNullOrEmpty(Master))
            return outside.FindLink(Master) ?? throw new CniPluginException(missing, $"failed to lookup master \"{Master}\"");
        return outside.Routes().FirstOrDefault(route => route.PrefixLength == 0) is { } way && outside.FindLink(way.LinkIndex) is { } link
            ? link
            : throw new CniPluginException(missing, "no default route interface found, and no master is configured");
    }

    /// <summary>The capability.</summary>
    internal sealed record RuntimeField([property: JsonPropertyName("mac")] string? Mac);
}
