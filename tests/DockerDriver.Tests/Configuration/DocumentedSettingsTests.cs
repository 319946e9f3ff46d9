using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using DockerDriver.Configuration;

namespace DockerDriver.Tests.Configuration;

/// <summary>The table of docs/operate.md is made of <see cref="SettingKey.All"/>. Empty it to have it written anew.</summary>
public sealed partial class DocumentedSettingsTests
{
    private static readonly string Page = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/operate.md"));

    [Fact]
    public void Table_HasEachSetting_ItsDefaultAndItsMeaning()
    {
        var wanted = "| key | default | meaning |\n|---|---|---|\n"
            + string.Concat(SettingKey.All.Select(key => $"| `{key.Name}` | `{key.Default}` | {key.Help} |\n"));
        var page = File.ReadAllText(Page);
        if (Table().Match(page).Groups["rows"].Length == 0)
            File.WriteAllText(Page, page = Table().Replace(page, _ => $"<!-- settings -->\n\n{wanted}\n<!-- /settings -->"));
        Assert.Equal(wanted, Table().Match(page).Groups["rows"].Value);
    }

    [GeneratedRegex(@"<!-- settings -->\n(\n(?<rows>.*?)\n)?<!-- /settings -->", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Table();

    private static string Here([CallerFilePath] string path = "") => path;
}
