using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>
/// <c>CNI_ARGS</c> as the reference plugins read it (libcni pkg/types, LoadArgs): a key the plugin does not know is an error, unless
/// <c>IgnoreUnknown</c> is <c>1</c> or <c>true</c>.
/// </summary>
internal static class CallArgs
{
    private const string IgnoreUnknown = "IgnoreUnknown";

    /// <summary>Answers the values of the keys that are known and given; an empty value is none.</summary>
    /// <exception cref="CniPluginException">There are other keys.</exception>
    public static IReadOnlyDictionary<string, string> Of(BuiltinCall call, params string[] known)
    {
        var unknown = call.Args.Where(pair => pair.Key != IgnoreUnknown && !known.Contains(pair.Key))
            .Select(pair => $"\"{pair.Key}={pair.Value}\"").ToList();
        if (unknown.Count > 0 && !(call.Args.TryGetValue(IgnoreUnknown, out var ignore) && ignore.ToUpperInvariant() is "1" or "TRUE"))
            throw new CniPluginException(CniErrorCode.InvalidEnvironment, $"ARGS: unknown args [{string.Join(' ', unknown)}]");
        return call.Args.Where(pair => known.Contains(pair.Key) && pair.Value.Length > 0).ToDictionary();
    }
}
