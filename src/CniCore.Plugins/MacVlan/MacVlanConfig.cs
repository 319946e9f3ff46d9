using System.Text.Json.Serialization;
using CniCore.Linux.Netlink;
using CniCore.Plugins.Interfaces;
using CniCore.Spec;

namespace CniCore.Plugins.MacVlan;

/// <summary>The keys of plugins/main/macvlan.</summary>
internal sealed record MacVlanConfig
{
    /// <summary>The parent interface; empty for that of the default route.</summary>
    [JsonPropertyName("master")]
    public string? Master { get; init; }

    /// <summary><c>bridge</c>, <c>private</c>, <c>vepa</c> or <c>passthru</c>; empty for <c>bridge</c>.</summary>
    [JsonPropertyName("mode")]
    public string? Mode { get; init; }

    /// <summary>In bytes, at most the parent's; 0 for the parent's.</summary>
    [JsonPropertyName("mtu")]
    public int? Mtu { get; init; }

    [JsonPropertyName("mac")]
    public string? Mac { get; init; }

    /// <summary>Whether the parent is in the container.</summary>
    [JsonPropertyName("linkInContainer")]
    public bool? LinkInContainer { get; init; }

    /// <summary>The length of the queue for broadcasts; 0 for the kernel's default.</summary>
    [JsonPropertyName("bcqueuelen")]
    public uint? BroadcastQueueLength { get; init; }

    [JsonPropertyName("dns")]
    public CniDns? Dns { get; init; }

    [JsonPropertyName("runtimeConfig")]
    public RuntimeField? Runtime { get; init; }

    /// <summary>Reads the configuration of a call. Mode and MAC are checked where they are used.</summary>
    public static MacVlanConfig Of(BuiltinCall call) => call.Read(MacVlanJson.Default.MacVlanConfig);

    /// <summary>The mode as the kernel's number.</summary>
    /// <exception cref="CniPluginException">The mode is unknown.</exception>
    public int KernelMode() => Mode switch
    {
        null or "" or "bridge" => 4,
        "private" => 1,
        "vepa" => 2,
        "passthru" => 8,
        _ => throw new CniPluginException(CniErrorCode.InvalidConfig, $"unknown macvlan mode: \"{Mode}\""),
    };

    /// <summary>The MAC: the capability wins over <c>CNI_ARGS</c>, which win over the configuration. Null for any.</summary>
    /// <exception cref="CniPluginException">It is not a MAC.</exception>
    public string? MacFor(BuiltinCall call)
    {
        string?[] said = [Runtime?.Mac, call.Args.GetValueOrDefault("MAC"), Mac];
        return said.FirstOrDefault(text => !string.IsNullOrEmpty(text)) is { } mac ? HardwareAddress.Parse(mac) : null;
    }

    /// <summary>The parent interface.</summary>
    /// <exception cref="CniPluginException">There is none; with the code that the verb uses for it.</exception>
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
