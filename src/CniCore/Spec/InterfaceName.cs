using System.Text;

namespace CniCore.Spec;

/// <summary>
/// A valid interface name: 1 to 15 bytes, not <c>.</c> or <c>..</c>, no <c>/</c>, <c>:</c> or white space (libcni pkg/utils).
/// </summary>
public readonly record struct InterfaceName
{
    /// <summary>The kernel's limit in bytes: <c>IFNAMSIZ</c> without the terminating zero.</summary>
    public const int MaxBytes = 15;

    private readonly string? value;

    private InterfaceName(string value) => this.value = value;

    /// <summary>Parses a name.</summary>
    /// <exception cref="CniPluginException">Code 4. The message names the broken rule.</exception>
    public static InterfaceName Parse(string text) => Fault(text) is { } fault
        ? throw new CniPluginException(CniErrorCode.InvalidEnvironment, fault, text)
        : new(text);

    private static string? Fault(string text)
    {
        if (string.IsNullOrEmpty(text))
            return "interface name is empty";
        if (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            return "interface name is too long";
        if (text is "." or "..")
            return "interface name is . or ..";
        return text.Any(c => c is '/' or ':' || char.IsWhiteSpace(c) || char.IsControl(c))
            ? "interface name contains / or : or whitespace characters"
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => value ?? "";
}
