using CniCore.Firewall;
using CniCore.Linux.Nftables;
using CniCore.Tests.Plugins;

namespace CniCore.Tests.Firewall;

/// <summary>
/// What rules are made of which policy: the files in Golden say it, one each. A change of the rules is a change of these files, and is
/// reviewed there. Delete a file to record it anew.
/// </summary>
public sealed class WantedRulesTests : FirewallTest
{
    public static TheoryData<string> Names => [.. GoldenRules.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Rules_AreThoseOfTheGoldenFile(string name)
    {
        var text = GoldenRules.TextOf(name);
        var file = Path.Combine(GoldenRules.Folder, name + ".txt");
        if (!File.Exists(file))
            File.WriteAllText(file, text);
        Assert.Equal(File.ReadAllText(file), text);
    }

    [Fact]
    public void GoldenFiles_AreOfPolicies() => Assert.Equal(
        GoldenRules.Names.Order(StringComparer.Ordinal),
        Directory.GetFiles(GoldenRules.Folder).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    // The text is nft's and iptables' own language: loaded by them, nothing is missing.
    [Theory]
    [MemberData(nameof(Names))]
    public void Text_LoadedByNftAndIptables_IsWhatIsWanted(string name)
    {
        var wanted = GoldenRules.Of(name);
        _ = Host;
        DropAll(Modern);
        Tool("iptables-nft -N CNI-ADMIN");
        Tool("ip6tables-nft -N CNI-ADMIN");
        var lines = wanted.Text.Split('\n');
        Nft(string.Join('\n', lines.TakeWhile(line => !line.StartsWith("# ip", StringComparison.Ordinal))) + "\n");
        string[] programs = [];
        foreach (var line in lines.SkipWhile(line => !line.StartsWith("# ip", StringComparison.Ordinal)).Where(line => line.Length > 0))
        {
            if (line.StartsWith('#'))
                programs = line[2..].Split(", ");
            else
                Array.ForEach(programs, program => Tool($"{program}-nft {line}"));
        }

        Assert.Empty(new RuleSnapshot(Firewall.Host).Missing(wanted));
    }
}
