using System.Globalization;
using System.Text.Json;

namespace CniCore.Spec.Shapes;

/// <summary>The type of a key's value. JSON null counts as absent and fits every type. Unknown keys are not checked.</summary>
internal sealed class Shape
{
    /// <summary>A string.</summary>
    public static readonly Shape Text = new(Kind.Text);

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public static readonly Shape Flag = new(Kind.Flag);

    /// <summary><c>true</c> or <c>false</c>, also as a string, which spec 0.4.0 allowed.</summary>
    public static readonly Shape SpelledFlag = new(Kind.SpelledFlag);

    /// <summary>An integer without fraction and exponent.</summary>
    public static readonly Shape Number = new(Kind.Number);

    /// <summary>An address; an empty string means none.</summary>
    public static readonly Shape Address = new(Kind.Address);

    /// <summary>An address with a prefix length.</summary>
    public static readonly Shape Cidr = new(Kind.Cidr);

    /// <summary>An object with any keys.</summary>
    public static readonly Shape AnyObject = new(Kind.Object);

    private readonly Kind kind;
    private readonly Shape? item;
    private readonly Dictionary<string, Shape> keys = new(StringComparer.OrdinalIgnoreCase);

    private Shape(Kind kind, Shape? item = null) => (this.kind, this.item) = (kind, item);

    private enum Kind
    {
        Text,
        Flag,
        SpelledFlag,
        Number,
        Address,
        Cidr,
        Object,
        Map,
        List,
    }

    /// <summary>A list with items of that type.</summary>
    public static Shape ListOf(Shape item) => new(Kind.List, item);

    /// <summary>An object with any keys, all values of that type.</summary>
    public static Shape MapOf(Shape item) => new(Kind.Map, item);

    /// <summary>An object with these keys, case-insensitive as in Go.</summary>
    public static Shape Of(params (string Keys, Shape Shape)[] keys)
    {
        var shape = new Shape(Kind.Object);
        foreach (var (names, value) in keys)
        {
            foreach (var name in names.Split(' '))
                shape.keys.Add(name, value);
        }
        return shape;
    }

    /// <summary>These keys, and those of another type.</summary>
    public Shape And(params (string Keys, Shape Shape)[] more) => Of([.. keys.Select(key => (key.Key, key.Value)), .. more]);

    /// <param name="value">The value.</param>
    /// <param name="name">The key as a message names it: <c>plugins[0].ipam.subnet</c>.</param>
    /// <exception cref="ShapeException">The value has the wrong type.</exception>
    public void Check(LocatedJson value, string name)
    {
        if (WhyNot(value) is { } reason)
            throw new ShapeException(value.Line, $"{name} {reason}");
        foreach (var (element, index) in value.Items.Select((element, index) => (element, index)))
            item?.CheckItem(element, $"{name}[{index}]");
        if (kind is Kind.Map or Kind.Object)
            CheckMembers(value, name.Length == 0 ? "" : name + ".");
    }

    private void CheckItem(LocatedJson value, string name)
    {
        if (value.Kind == JsonValueKind.Null)
            throw new ShapeException(value.Line, $"{name} is null");
        Check(value, name);
    }

    private void CheckMembers(LocatedJson value, string prefix)
    {
        var seen = new Dictionary<string, LocatedJson>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, member) in value.Members)
        {
            if (keys.ContainsKey(key) && !seen.TryAdd(key, member))
                throw ShapeException.Twice(key, seen[key].Line, member.Line);
            if ((keys.GetValueOrDefault(key) ?? (kind == Kind.Map ? item : null)) is { } shape && member.Kind != JsonValueKind.Null)
                shape.Check(member, prefix + key);
        }
    }

    private string? WhyNot(LocatedJson value) => kind switch
    {
        Kind.Text =>
            value.Kind == JsonValueKind.String ? null : Not(value, "not a string", value.Text.Length > 0 ? $"\"{value.Text}\"" : null),
        Kind.Flag =>
            IsFlag(value) ? null : Not(value, "neither true nor false", Spelled(value) is { } flag ? flag ? "true" : "false" : null),
        Kind.SpelledFlag => IsFlag(value) || Spelled(value) is not null ? null : Not(value, "neither true nor false"),
        Kind.Number when value.Kind == JsonValueKind.Number => IsWhole(value.Text) ? null : Not(value, "not a whole number"),
        Kind.Number => Not(value, "not a number", value.Kind == JsonValueKind.String && IsWhole(value.Text) ? value.Text : null),
        Kind.Address or Kind.Cidr when value.Kind != JsonValueKind.String => Not(value, "not a string"),
        Kind.Address => value.Text.Length == 0 || AddressText.TryParse(value.Text, out _) ? null : Wrong(value, "an address"),
        Kind.Cidr => CidrAddress.TryParse(value.Text, out _) ? null : Wrong(value, "an address with a prefix length, such as 10.1.0.0/16"),
        Kind.List => value.Kind == JsonValueKind.Array ? null : Not(value, "not a list"),
        _ => value.Kind == JsonValueKind.Object ? null : Not(value, "not an object"),
    };

    private static string Not(LocatedJson value, string what, string? instead = null) =>
        $"is {Shown(value)}, {what}{(instead is null ? "" : $": write {instead}")}";

    private static string Wrong(LocatedJson value, string what) => $"is wrong: {AddressText.Complaint(value.Text, what)}";

    private static bool? Spelled(LocatedJson value) =>
        value.Kind == JsonValueKind.String && bool.TryParse(value.Text, out var flag) ? flag : null;

    private static bool IsFlag(LocatedJson value) => value.Kind is JsonValueKind.True or JsonValueKind.False;

    private static bool IsWhole(string text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static string Shown(LocatedJson value) => value.Kind switch
    {
        JsonValueKind.String => $"the string {Identifier.Quote(value.Text)}",
        JsonValueKind.Number => $"the number {value.Text}",
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => "a list",
        _ => "an object",
    };
}
