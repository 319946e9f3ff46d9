using CniCore.Firewall;
using CniCore.Linux.Nftables;

namespace CniCore.Tests.Firewall;

/// <summary>Where our jump stands among the rules of others, by their words in FORWARD.</summary>
public sealed class ForwardJumpTests
{
    [Theory]
    [InlineData("", "OURS")]
    [InlineData("DOCKER-USER", "DOCKER-USER OURS")]
    [InlineData("OURS DOCKER-USER", "DOCKER-USER OURS")]
    [InlineData("DOCKER-USER OURS", "DOCKER-USER OURS")]
    [InlineData("DOCKER-USER OURS DOCKER-ISOLATION-STAGE-1", "DOCKER-USER DOCKER-ISOLATION-STAGE-1 OURS")] // the engine came later
    [InlineData("DOCKER-USER DOCKER-FORWARD", "DOCKER-USER DOCKER-FORWARD OURS")]
    [InlineData("OURS OURS DOCKER-USER", "DOCKER-USER OURS")]
    [InlineData("OURS CNI-ISOLATION-STAGE-1", "CNI-ISOLATION-STAGE-1 OURS")]
    [InlineData("OURS some:ELSE", "OURS some:ELSE")]
    [InlineData("CNID-FORWARD OURS", "CNID-FORWARD OURS")] // no race between the two of ours
    [InlineData("OURS CNID-FORWARD", "OURS CNID-FORWARD")]
    [InlineData("DOCKER-USER some:ACCEPT REJECT", "DOCKER-USER some:ACCEPT OURS REJECT")]
    [InlineData("some:DROP DROP", "some:DROP OURS DROP")]
    [InlineData("DROP DOCKER-USER", "DROP DOCKER-USER OURS")] // everything was stopped by hand
    [InlineData("DROP OURS", "DROP OURS")]
    [InlineData("DROP OURS ELSE", "DROP OURS ELSE")]
    [InlineData("DOCKER-USER ufw-before-forward ufw-reject-forward ufw-track-forward",
        "DOCKER-USER ufw-before-forward OURS ufw-reject-forward ufw-track-forward")]
    [InlineData("OURS ufw-before-forward ufw-reject-forward", "ufw-before-forward OURS ufw-reject-forward")]
    public void A6_Jump_StandsBehindWhoeverForbids_AndBeforeWhatRefusesTheRest(string forward, string expected)
    {
        List<FilterRule> rules = [.. forward.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Rule)];

        foreach (var change in ForwardJump.Place(rules, "CNID-CNI"))
        {
            if (change.Kind == FilterChangeKind.DeleteRule)
                rules.Remove(change.Rule!);
            else if (change.Kind == FilterChangeKind.AppendRule)
                rules.Add(change.Rule!);
            else
                rules.Insert(change.Place, change.Rule!);
        }

        Assert.Equal(expected, string.Join(' ', rules.Select(Word)));
        Assert.Empty(ForwardJump.Place(rules, "CNID-CNI"));
    }

    private static FilterRule Rule(string word, int at) => word switch
    {
        "OURS" => new("FORWARD", "CNID-CNI"),
        _ when word.StartsWith("some:", StringComparison.Ordinal) =>
            new("FORWARD", word[5..]) { IsConditional = true, IsForeign = true, Handle = (ulong)at },
        _ => new("FORWARD", word) { Handle = (ulong)at },
    };

    private static string Word(FilterRule rule) =>
        rule.Target == "CNID-CNI" ? "OURS" : rule.IsConditional ? $"some:{rule.Target}" : rule.Target;
}
