namespace CniCore.Spec;

/// <summary>A network's name. Same characters as a <see cref="ContainerId"/>, since it becomes part of paths.</summary>
public readonly record struct NetworkName
{
    private readonly string? value;

    private NetworkName(string value) => this.value = value;

    /// <summary>Parses a name.</summary>
    /// <exception cref="CniConfigException">It is missing or has other characters.</exception>
    public static NetworkName Parse(string text)
    {
        if (string.IsNullOrEmpty(text))
            throw new CniConfigException("missing network name");
        if (!Identifier.IsValid(text))
            throw new CniConfigException($"network name {Identifier.Quote(text)} has characters other than letters, digits, '_', '.' and "
                + "'-', or does not start with a letter or digit");
        return new(text);
    }

    /// <inheritdoc/>
    public override string ToString() => value ?? "";
}
