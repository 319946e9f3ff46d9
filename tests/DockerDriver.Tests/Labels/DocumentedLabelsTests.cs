using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DockerDriver.Labels;

namespace DockerDriver.Tests.Labels;

/// <summary>The table of docs/none-network.md has every label, and no other.</summary>
public sealed partial class DocumentedLabelsTests
{
    private static readonly string Page = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/none-network.md"));

    // With a value that it takes.
    private static readonly Dictionary<string, string> Labels = new(StringComparer.Ordinal)
    {
        ["cni.networks"] = "podnet",
        ["cni.NET.ips"] = "10.1.0.5/16",
        ["cni.NET.mac"] = "02:00:00:00:00:05",
        ["cni.NET.args"] = "KEY=VALUE",
        ["cni.NET.capability.NAME"] = "{}",
        ["cni.ports"] = "8080:80",
        ["cni.on-failure"] = "keep",
    };

    [Fact]
    public void Table_HasEveryLabel() =>
        Assert.Equal(Labels.Keys.Order(StringComparer.Ordinal), Row().Matches(File.ReadAllText(Page))
            .Select(row => row.Groups["label"].Value).Where(label => label.StartsWith("cni.", StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void EveryLabel_IsTaken()
    {
        var given = Labels.ToDictionary(label => label.Key.Replace("NET", "podnet", StringComparison.Ordinal), label => label.Value);
        Assert.Single(new ContainerLabels(given, "").Parse().Networks);
    }

    [GeneratedRegex(@"^\| `(?<label>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    private static string Here([CallerFilePath] string path = "") => path;
}
