using System.Text.Json;

namespace CniCore.Spec.Shapes;

/// <summary>A value of a list has the wrong type. The message names the key.</summary>
internal sealed class ShapeException(int line, string message) : Exception(message)
{
    /// <summary>The line, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>Runs a check, and adds the place and the line to its error.</summary>
    /// <exception cref="CniConfigException">The JSON is malformed, or a value has the wrong type.</exception>
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
