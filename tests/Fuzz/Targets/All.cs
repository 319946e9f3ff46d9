using System.Text;
using CniCore.Spec;

namespace Fuzz.Targets;

/// <summary>Every target. What each reads is in the file of its kind.</summary>
internal static class All
{
    public static readonly Type[] OfCni = [typeof(CniException)];

    public static IReadOnlyList<Target> Targets { get; } =
        [.. OfLists.All, .. OfPlugins.All, .. OfDriver.All, .. OfEngine.All, .. OfFiles.All, .. OfKernel.All];

    /// <summary>The first byte chooses; letters, so that a corpus can be read.</summary>
    public static int Choice(byte[] input, int among, out byte[] rest)
    {
        rest = input.Length == 0 ? [] : input[1..];
        return input.Length == 0 ? 0 : Math.Abs(input[0] - 'a') % among;
    }

    public static string Text(byte[] input) => Encoding.UTF8.GetString(input);
}
