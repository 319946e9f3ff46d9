using CniCore.Spec;

namespace CniCore.Config;

/// <summary><c>CNI_ARGS</c> (CNI spec, section 2): <c>K=V;K=V</c>. Neither character can be escaped.</summary>
internal static class CniArgs
{
    /// <exception cref="CniConfigException">A key or a value contains a separator, or a key is empty.</exception>
    public static string Join(IReadOnlyList<KeyValuePair<string, string>> args)
    {
        foreach (var (key, value) in args)
        {
            if (key.Length == 0 || key.AsSpan().ContainsAny('=', ';') || value.AsSpan().ContainsAny('=', ';'))
                throw new CniConfigException(
                    $"CNI_ARGS cannot carry {Identifier.Quote($"{key}={value}")}: '=' and ';' end a key and a value");
        }
        return string.Join(';', args.Select(arg => $"{arg.Key}={arg.Value}"));
    }

    /// <summary>Parses the joined form as cnitool does: exactly one <c>=</c>, with text on both sides.</summary>
    /// <exception cref="CniConfigException">A part is not <c>K=V</c>.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string text) =>
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=') is [{ Length: > 0 } key, { Length: > 0 } value]
            ? new KeyValuePair<string, string>(key, value)
            : throw new CniConfigException($"CNI_ARGS: {Identifier.Quote(pair)} is not KEY=VALUE; several are joined with ';'"))];
}
