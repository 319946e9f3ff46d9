using System.Text;

namespace CniCore.Spec;

/// <summary>A plugin's output for a message: one line, truncated.</summary>
internal static class PluginOutput
{
    private const int Limit = 400;

    public static string Show(ReadOnlySpan<byte> output) => Show(Encoding.UTF8.GetString(output));

    public static string Show(string output)
    {
        var line =
            string.Join(' ', output.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        line = string.Concat(line.Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= Limit ? line : line[..Limit] + "…";
    }
}
