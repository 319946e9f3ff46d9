using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Firewall;
using CniCore.Linux;
using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>One verb for one built-in: the call, and its parsed common parts.</summary>
internal sealed class BuiltinCall
{
    private readonly IPluginInvoker? invoker;
    private readonly HostFirewall? firewall;

    private BuiltinCall(PluginCall call, IPluginInvoker? invoker, HostFirewall? firewall, JsonElement config, CallFields fields)
    {
        (Call, this.invoker, this.firewall, Config) = (call, invoker, firewall, config);
        Network = fields.Name ?? throw new CniPluginException(CniErrorCode.InvalidConfig, "missing network name");
        CniVersion = string.IsNullOrEmpty(fields.CniVersion) ? CniVersions.Oldest : fields.CniVersion;
        if (!CniVersions.IsKnown(CniVersion))
            throw new CniPluginException(CniErrorCode.IncompatibleVersion, "incompatible CNI versions",
                $"config is \"{CniVersion}\", plugin supports [{string.Join(' ', CniVersions.All)}]");
        IpamType = fields.Ipam?.Type ?? "";
        Valid = fields.ValidAttachments ?? [];
        PrevResult = fields.PrevResult is { ValueKind: JsonValueKind.Object } previous ? ResultJson.Parse(previous, CniVersion) : null;
        Args = ArgsOf(call.Args);
    }

    /// <summary>The call as received.</summary>
    public PluginCall Call { get; }

    /// <summary>Runs IPAM plugins, built-in or not.</summary>
    public IPluginInvoker Invoker => invoker ?? throw OnlyRead();

    /// <summary>The host's firewall.</summary>
    public HostFirewall Firewall => firewall ?? throw OnlyRead();

    /// <summary>The host.</summary>
    public HostNetwork Host => Firewall.Host;

    /// <summary>The plugin's configuration, <c>runtimeConfig</c> included.</summary>
    public JsonElement Config { get; }

    /// <summary>The network's name.</summary>
    public string Network { get; }

    /// <summary>The configuration's version.</summary>
    public string CniVersion { get; }

    /// <summary><c>ipam.type</c>; empty for none.</summary>
    public string IpamType { get; }

    /// <summary>The result of the previous plugins, or of ADD; null if the runtime sent none.</summary>
    public CniResult? PrevResult { get; }

    /// <summary><c>CNI_ARGS</c> by key.</summary>
    public IReadOnlyDictionary<string, string> Args { get; }

    /// <summary>For GC: the valid attachments.</summary>
    public IReadOnlyList<ValidAttachment> Valid { get; }

    public string ContainerId => Call.ContainerId;

    public string IfName => Call.IfName;

    public string NetNs => Call.NetNs;

    /// <summary>The comment on the attachment's rules and set elements.</summary>
    public AttachmentTag Tag => new(Network, ContainerId, IfName) { IsAdmission = Call.Plugin == PluginType.Admission };

    /// <summary>The translations of a masquerade for the addresses of the previous result; empty without one.</summary>
    public IReadOnlyList<SourceTranslation> Translations => PrevResult is { } result ? TranslationsOf(result) : [];

    /// <summary>For GC: the start of the comments of the valid attachments.</summary>
    public IReadOnlySet<string> ValidIdentities() =>
        Valid.Select(valid => new AttachmentTag(Network, valid.ContainerId, valid.IfName).Identity).ToHashSet(StringComparer.Ordinal);

    /// <summary>The translations of a masquerade for the addresses of a result.</summary>
    public static IReadOnlyList<SourceTranslation> TranslationsOf(CniResult result) => [.. result.Ips.Select(ip =>
        new SourceTranslation(new(ip.Address.Address, ip.Address.Address.GetAddressBytes().Length * 8), ip.Address.Network))];

    /// <param name="call">The call as received.</param>
    /// <param name="invoker">Runs IPAM plugins; null if the call is only read.</param>
    /// <param name="firewall">The host's firewall; null if the call is only read.</param>
    /// <exception cref="CniPluginException">The configuration cannot be read.</exception>
    public static BuiltinCall Of(PluginCall call, IPluginInvoker? invoker = null, HostFirewall? firewall = null)
    {
        try
        {
            var config = ListFields.Element(call.Config);
            RefuseNullInLists(config, "");
            return new(call, invoker, firewall, config, config.Deserialize(CallJson.Default.CallFields)
                ?? throw new JsonException("the configuration is null"));
        }
        catch (JsonException fault)
        {
            throw Unreadable(fault);
        }
    }

    /// <summary>The message for an invalid configuration: the key, and what is wrong with it.</summary>
    public static string CauseOf(JsonException fault)
    {
        // System.Text.Json appends the position in its own words.
        var cause = fault.Message.Split(" Path: ", 2)[0];
        var key = fault.Path?.TrimStart('$', '.') ?? "";
        if (key.Length > 0)
            return cause.StartsWith("The JSON value could not be converted", StringComparison.Ordinal)
                ? $"{key}: the value is not of the type that this key takes"
                : $"{key}: {cause}";
        return cause;
    }

    /// <summary>The configuration as the plugin's own record.</summary>
    /// <exception cref="CniPluginException">The configuration does not fit the record.</exception>
    public T Read<T>(JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return Config.Deserialize(type) ?? throw new JsonException("the configuration is null");
        }
        catch (JsonException fault)
        {
            throw Unreadable(fault);
        }
    }

    private static InvalidOperationException OnlyRead() => new("this call is read, and not performed");

    private static CniPluginException Unreadable(JsonException fault) =>
        new(CniErrorCode.Decoding, "failed to load netconf", CauseOf(fault), fault);

    // Null as a key's value means that the key is absent. In a list it cannot be left out.
    private static void RefuseNullInLists(JsonElement value, string name)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in value.EnumerateObject())
                RefuseNullInLists(member.Value, name.Length == 0 ? member.Name : $"{name}.{member.Name}");
        }
        if (value.ValueKind != JsonValueKind.Array)
            return;
        foreach (var (index, item) in value.EnumerateArray().Index())
        {
            if (item.ValueKind == JsonValueKind.Null)
                throw new JsonException($"{name}[{index}] is null");
            RefuseNullInLists(item, $"{name}[{index}]");
        }
    }

    private static Dictionary<string, string> ArgsOf(string joined) => joined
        .Split(';', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Where(pair => pair.Length == 2)
        .GroupBy(pair => pair[0], pair => pair[1], StringComparer.Ordinal)
        .ToDictionary(pairs => pairs.Key, pairs => pairs.Last(), StringComparer.Ordinal);
}
