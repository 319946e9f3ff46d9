using System.Net;

namespace CniCore.Linux.Nftables;

/// <summary>What a rule compares: <c>iifname</c>, <c>ip saddr</c>, or several, <c>iifname . oifname</c>.</summary>
public sealed class NftSelector
{
    private readonly IReadOnlyList<Part> parts;

    // The load gets the register, and the number of bytes from the first.
    internal NftSelector(string text, ElementType type, Func<int, int, NftInstruction> load, NftDependency? needs = null)
        : this(text, [new(type, load, null)], needs)
    {
    }

    private NftSelector(string text, IReadOnlyList<Part> parts, NftDependency? needs) => (Text, this.parts, Needs) = (text, parts, needs);

    /// <summary>The selector in nft's syntax.</summary>
    public string Text { get; }

    internal NftDependency? Needs { get; }

    // Loads the values into the kernel's registers, from the first on.
    internal IReadOnlyList<NftInstruction> Loads
    {
        get
        {
            var (instructions, word) = (new List<NftInstruction>(), 0);
            foreach (var part in parts)
            {
                instructions.Add(part.Load(Instructions.Register(word), part.Type.Length));
                if (part.Mask is { } mask)
                    instructions.Add(Instructions.And(Instructions.Register(word), mask));
                word += part.Type.Padded / 4;
            }
            return instructions;
        }
    }

    private ElementType Type => parts is [var only] ? only.Type : throw new InvalidOperationException($"{Text} is compared with sets only");

    /// <summary>A concatenation with another selector: <c>iifname . oifname</c>.</summary>
    public NftSelector Dot(NftSelector other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new($"{Text} . {other.Text}", [.. parts, .. other.parts], Needs ?? other.Needs);
    }

    /// <summary>The selector with a mask, in nft's syntax for its type: <c>ip daddr &amp; 255.255.255.0</c>.</summary>
    public NftSelector And(string mask) =>
        new($"{Text} & {mask}", [parts is [var only]
            ? only with { Mask = Type.Encode(mask) }
            : throw new InvalidOperationException(Text)], Needs);

    /// <summary>The value is in that set.</summary>
    public NftStatement In(string set) => new($"{Text} @{set}", [.. Loads, Instructions.Lookup(set)], Needs);

    /// <summary>The value is not in that set.</summary>
    public NftStatement NotIn(string set) => new($"{Text} != @{set}", [.. Loads, Instructions.Lookup(set, isInverted: true)], Needs);

    /// <summary>The verdict of a map; continues with the next rule if the map has none.</summary>
    public NftStatement VMap(string map) => new($"{Text} vmap @{map}", [.. Loads, Instructions.Lookup(map, result: 0)], Needs);

    /// <summary>The value equals a text in nft's syntax; for an address, also a network, <c>10.1.0.0/16</c>.</summary>
    public NftStatement Is(string value) => Compared(isEqual: true, value);

    /// <summary>The value differs from a text in nft's syntax.</summary>
    public NftStatement IsNot(string value) => Compared(isEqual: false, value);

    private NftStatement Compared(bool isEqual, string value)
    {
        var shown = Type == ElementType.InterfaceName ? $"\"{value.Trim('"')}\"" : value;
        var text = isEqual ? parts[0].Mask is null ? $"{Text} {shown}" : $"{Text} == {shown}" : $"{Text} != {shown}";
        if (!IPNetwork.TryParse(value, out var network))
            return new(text, [.. Loads, Instructions.Compare(isEqual, Type.Encode(value))], Needs);
        var bytes = network.BaseAddress.GetAddressBytes();
        if (bytes.Length != Type.Length)
            throw new FormatException($"{value} is no {Type.Name}");
        // As with nft: whole bytes are compared without a mask, and only they are loaded.
        if (network.PrefixLength % 8 == 0 && network.PrefixLength > 0)
            return new(text, [parts[0].Load(Instructions.Register(0), network.PrefixLength / 8),
                Instructions.Compare(isEqual, bytes[..(network.PrefixLength / 8)])], Needs);
        var mask = NetworkOf(network.PrefixLength, bytes.Length);
        return new(text, [.. Loads, Instructions.And(Instructions.Register(0), mask), Instructions.Compare(isEqual, bytes)], Needs);
    }

    private static byte[] NetworkOf(int prefix, int length)
    {
        var mask = new byte[length];
        for (var bit = 0; bit < prefix; bit++)
            mask[bit / 8] |= (byte)(0x80 >> (bit % 8));
        return mask;
    }

    private sealed record Part(ElementType Type, Func<int, int, NftInstruction> Load, byte[]? Mask);
}
