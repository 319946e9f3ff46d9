using System.Text.Json;

namespace CniCore.Spec.Shapes;

/// <summary>A value of a list is not what its key takes. The message names the key.</summary>
internal sealed class ShapeException(int line, string message) : Exception(message)
{
    /// <summary>From 1.</summary>
    public int Line { get; } = line;

    /// <summary>Runs a check. Its error names the place and the line.</summary>
    /// <exception cref="CniConfigException">The JSON is malformed, or a value does not fit.</exception>
    public static void Locate(string place, Action check)
    {
        try
        {
            check();
        }
        catch (JsonException fault)
        {
            throw NetworkListReader.NotJson(place, fault);
        }
        catch (ShapeException fault)
        {
            throw new CniConfigException($"{place}:{fault.Line}: {fault.Message}", fault);
        }
    }

    public static ShapeException Twice(string name, int first, int second)
    {
        var where = first == second ? "" : $", on line {first} before";
        return new(second, $"the key {Identifier.Quote(name)} is given twice{where}: keep one of them");
    }
}
