using CniCore.Spec;

namespace CniCore.Plugins.Skel;

/// <summary>The environment of a plugin (CNI spec, section 2). A variable that is not set is empty.</summary>
internal sealed record PluginEnvironment(
    string? Command, string ContainerId, string NetNs, string IfName, string Args, string PluginPath, bool MayBeOwnNamespace)
{
    /// <summary>The folders of <c>CNI_PATH</c>.</summary>
    public IReadOnlyList<string> Folders => PluginPath.Split(':', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Reads the environment of this process. <see cref="Command"/> is null if <c>CNI_COMMAND</c> is not set.</summary>
    public static PluginEnvironment Read() => new(
        Environment.GetEnvironmentVariable("CNI_COMMAND") is { Length: > 0 } command ? command : null,
        Of("CNI_CONTAINERID"),
        Of("CNI_NETNS"),
        Of("CNI_IFNAME"),
        Of("CNI_ARGS"),
        Of("CNI_PATH"),
        Of("CNI_NETNS_OVERRIDE").ToUpperInvariant() is "1" or "TRUE");

    /// <exception cref="CniPluginException">Code 4: required variables are missing or malformed. The message names all of them.</exception>
    public void ThrowIfIncomplete()
    {
        var isOfContainer = Command is "ADD" or "DEL" or "CHECK";
        var needed = new List<(string Name, string Value)>();
        if (isOfContainer)
        {
            needed.Add(("CNI_CONTAINERID", ContainerId));
            if (Command != "DEL")
                needed.Add(("CNI_NETNS", NetNs));
            needed.Add(("CNI_IFNAME", IfName));
        }
        if (isOfContainer || Command is "GC" or "STATUS")
            needed.Add(("CNI_PATH", PluginPath));
        var missing = needed.Where(variable => variable.Value.Length == 0).Select(variable => variable.Name).ToList();
        if (missing.Count > 0)
            throw new CniPluginException(CniErrorCode.InvalidEnvironment, $"required env variables [{string.Join(',', missing)}] missing");
        if (!isOfContainer)
            return;
        _ = Spec.ContainerId.Parse(ContainerId);
        _ = InterfaceName.Parse(IfName);
    }

    private static string Of(string name) => Environment.GetEnvironmentVariable(name) ?? "";
}
