using CniCore.Spec;

namespace CniCore.Config;

/// <summary><c>CNI_ARGS</c>: <c>K=V;K=V</c>, with no way to escape either character.</summary>
internal static class CniArgs
{
    /// <exception cref="CniConfigException">A key or value has a character that would end it.</exception>
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

    /// <summary>Parses the joined form, as cnitool does: both sides there, one <c>=</c>.</summary>
    /// <exception cref="CniConfigException">A part is not <c>K=V</c>.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Parse(string text) =>
        [.. text.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=') is [{ Length: > 0 } key, { Length: > 0 } value]
            ? new KeyValuePair<string, string>(key, value)
            : throw new CniConfigException($"CNI_ARGS: {Identifier.Quote(pair)} is not KEY=VALUE; several are joined with ';'"))];
}
