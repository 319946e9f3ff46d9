using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DockerDriver.NetworkDriver;
using DockerDriver.Protocol;

namespace DockerDriver.Tests.NetworkDriver;

/// <summary>The pages name every option that the driver takes, and no other.</summary>
public sealed partial class DocumentedOptionsTests
{
    private static readonly string Docs = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs"));

    [Fact]
    public void EveryOption_IsOnThePageOfNetworks()
    {
        var page = File.ReadAllText(Path.Combine(Docs, "networks.md"));
        Assert.All(DockerOptions.All, option => Assert.True(page.Contains(option, StringComparison.Ordinal)
            || page.Contains($"`{option[(option.LastIndexOf('.') + 1)..]}`", StringComparison.Ordinal), option));
    }

    [Fact]
    public void EveryOptionOnThePages_IsTaken()
    {
        var named = Directory.EnumerateFiles(Docs, "*.md").SelectMany(page => Option().Matches(File.ReadAllText(page)))
            .Select(option => option.Value).Distinct().ToList();
        Assert.NotEmpty(named);
        Assert.Empty(named.Except([.. DockerOptions.All, NetLabel.Ifname, NetLabel.EndpointSysctls]));
    }

    [GeneratedRegex(@"com\.docker\.network\.[a-z0-9_.]*[a-z0-9](?![a-z0-9_.])")]
    private static partial Regex Option();

    private static string Here([CallerFilePath] string path = "") => path;
}
