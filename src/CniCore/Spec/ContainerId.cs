namespace CniCore.Spec;

/// <summary>
/// A container id, safe in file names and the environment: a letter or digit, then letters, digits, <c>_</c>, <c>.</c>, <c>-</c> (CNI spec,
/// section 2; libcni pkg/utils).
/// </summary>
public readonly record struct ContainerId
{
    private readonly string? value;

    private ContainerId(string value) => this.value = value;

    /// <summary>Parses an id.</summary>
    /// <exception cref="CniPluginException">Code 4, as from a plugin: the id is missing or has other characters.</exception>
    public static ContainerId Parse(string text)
    {
        if (string.IsNullOrEmpty(text))
            throw new CniPluginException(CniErrorCode.UnknownContainer, "missing containerID");
        if (!Identifier.IsValid(text))
            throw new CniPluginException(CniErrorCode.InvalidEnvironment, "invalid characters in containerID", text);
        return new(text);
    }

    /// <inheritdoc/>
    public override string ToString() => value ?? "";
}
