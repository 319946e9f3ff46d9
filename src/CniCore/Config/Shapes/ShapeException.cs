using CniCore.Spec;

namespace CniCore.Config.Shapes;

/// <summary>A value of a list is not what its key takes. The message names the key.</summary>
internal sealed class ShapeException(int line, string message) : Exception(message)
{
    /// <summary>From 1.</summary>
    public int Line { get; } = line;

    public static ShapeException Twice(string name, int first, int second)
    {
        var where = first == second ? "" : $", on line {first} before";
        return new(second, $"the key {Identifier.Quote(name)} is given twice{where}: keep one of them");
    }
}
