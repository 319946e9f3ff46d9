using System.Buffers;
using System.Text;

namespace CniCore.Spec;

/// <summary>
/// The rule for names that become paths: <c>^[a-zA-Z0-9][a-zA-Z0-9_.-]*\z</c>. Not a regex with <c>$</c>, which in .NET accepts a trailing
/// newline.
/// </summary>
internal static class Identifier
{
    private const string Alphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    private static readonly SearchValues<char> First = SearchValues.Create(Alphanumeric);
    private static readonly SearchValues<char> Rest = SearchValues.Create(Alphanumeric + "_.-");

    public static bool IsValid(string text) =>
        text.Length > 0 && First.Contains(text[0]) && !text.AsSpan(1).ContainsAnyExcept(Rest);

    /// <summary>The text in quotes, with control characters escaped, so that a bad name can be printed.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var c in text.Length > 80 ? text.AsSpan(0, 80) : text)
            _ = char.IsControl(c) ? quoted.Append($"\\u{(int)c:x4}") : quoted.Append(c);
        return quoted.Append(text.Length > 80 ? "…\"" : "\"").ToString();
    }
}
