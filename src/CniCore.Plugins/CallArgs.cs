using CniCore.Spec;

namespace CniCore.Plugins;

/// <summary>
/// Reads <c>CNI_ARGS</c> as the reference plugins do (libcni pkg/types, LoadArgs): an unknown key is an error, unless <c>IgnoreUnknown</c>
/// is <c>1</c> or <c>true</c>.
/// </summary>
internal static class CallArgs
{
    private const string IgnoreUnknown = "IgnoreUnknown";

    /// <summary>The values of the known keys that are given and not empty.</summary>
    /// <exception cref="CniPluginException">There is an unknown key.</exception>
    public static IReadOnlyDictionary<string, string> Of(BuiltinCall call, params string[] known)
    {
        var unknown = call.Args.Where(pair => pair.Key != IgnoreUnknown && !known.Contains(pair.Key))
            .Select(pair => $"\"{pair.Key}={pair.Value}\"").ToList();
        if (unknown.Count > 0 && !(call.Args.TryGetValue(IgnoreUnknown, out var ignore) && ignore.ToUpperInvariant() is "1" or "TRUE"))
            throw new CniPluginException(CniErrorCode.InvalidEnvironment, $"ARGS: unknown args [{string.Join(' ', unknown)}]");
        return call.Args.Where(pair => known.Contains(pair.Key) && pair.Value.Length > 0).ToDictionary();
    }
}
