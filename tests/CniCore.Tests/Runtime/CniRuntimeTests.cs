using System.Text;
using CniCore.Cache;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

namespace CniCore.Tests.Runtime;

public sealed class CniRuntimeTests : CniRuntimeTest
{
    [Fact]
    public async Task Add_RunsInOrder_EachWithTheResultBeforeIt_AsItWasWritten()
    {
        await Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None);

        Assert.Equal(["Add a", "Add b"], plugins.Verbs);
        Assert.DoesNotContain("prevResult", plugins.Calls[0].Config, StringComparison.Ordinal);
        Assert.Contains("\"by\":\"a\"", plugins.Calls[1].Config, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_PluginFails_AllAreUndone_AndNothingStays()
    {
        plugins.Answer = call => call is { Command: CniCommand.Add }
            && call.Plugin.ToString() == "b" ? throw new CniPluginException(CniErrorCode.Io, "no") : "{}";

        var fault = await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None));

        Assert.Contains("no", fault.Message, StringComparison.Ordinal);
        Assert.Equal(["Add a", "Add b", "Del b", "Del a"], plugins.Verbs);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task Add_IntentIsOnDisk_BeforeTheFirstPlugin()
    {
        plugins.Answer = _ =>
        {
            Assert.Equal(AttachmentPhase.Adding, Assert.Single(Runtime().Attachments()).Phase);
            return "{}";
        };
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);

        Assert.Equal(AttachmentPhase.Added, Assert.Single(Runtime().Attachments()).Phase);
    }

    [Fact]
    public async Task Add_Twice_IsRefused()
    {
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        await Assert.ThrowsAsync<CniConfigException>(() => Runtime().AddAsync(List("a"), Request, CancellationToken.None));
    }

    [Fact]
    public async Task Add_AfterACrashInAdd_DeletesFirst()
    {
        plugins.Answer = call => call.Command == CniCommand.Del
            ? throw new CniPluginException(CniErrorCode.TryAgain, "not now")
            : throw new CniPluginException(CniErrorCode.Io, "no");
        await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a"), Request, CancellationToken.None));
        Assert.Equal(AttachmentPhase.Deleting, Assert.Single(Runtime().Attachments()).Phase);

        plugins.Calls.Clear();
        plugins.Answer = _ => "{}";
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        Assert.Equal(["Del a", "Add a"], plugins.Verbs);
    }

    [Fact]
    public async Task Delete_ReplaysWhatAddUsed_InReverse_WhateverTheListSaysNow()
    {
        await Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None);
        plugins.Calls.Clear();

        await Runtime().DeleteAsync(List("other"), Request with { Args = [] }, CancellationToken.None);

        Assert.Equal(["Del b", "Del a"], plugins.Verbs);
        Assert.Contains("10.0.0.5/24", plugins.Calls[0].Config, StringComparison.Ordinal);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task Delete_PluginsFail_AllAreVisited_AndTheAttachmentStays()
    {
        await Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None);
        plugins.Answer = _ => throw new CniPluginException(CniErrorCode.Io, "no");

        var fault = await Assert.ThrowsAsync<CniTeardownException>(() =>
            Runtime().DeleteAsync(List("a", "b"), Request, CancellationToken.None));

        Assert.Equal(2, fault.Faults.Count);
        Assert.Equal(AttachmentPhase.Deleting, Assert.Single(Runtime().Attachments()).Phase);
    }

    [Fact]
    public async Task B_AddOfAPluginThatIsMissing_KeepsNothing()
    {
        plugins.Missing = "typo";
        var fault = await Assert.ThrowsAsync<CniPluginException>(() =>
            Runtime().AddAsync(List("a", "typo"), Request, CancellationToken.None));

        Assert.Contains("typo", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(plugins.Verbs, verb => verb.StartsWith("Add", StringComparison.Ordinal));
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task B_AddOfAFirstPluginThatCannotBeStarted_KeepsNothing_AndAsksForNoDel()
    {
        plugins.Answer = call => throw new CniPluginException(CniErrorCode.Io, $"{call.Plugin} is not executable") { NeverStarted = true };

        await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None));

        Assert.Equal(["Add a"], plugins.Verbs);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task B_AddOfASecondPluginThatCannotBeStarted_UndoesTheFirstOnly()
    {
        plugins.Answer = call => call.Plugin.ToString() == "b"
            ? throw new CniPluginException(CniErrorCode.Io, "b is not executable") { NeverStarted = true }
            : "{}";

        await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a", "b", "c"), Request, CancellationToken.None));

        Assert.Equal(["Add a", "Add b", "Del a"], plugins.Verbs);
        Assert.Empty(Runtime().Attachments());
    }

    [Theory]
    [InlineData(CniErrorCode.IncompatibleVersion, "incompatible CNI versions")]
    [InlineData(CniErrorCode.Internal, "failed to load netconf: mtu is a string")]
    public async Task B_AddThatAPluginRefusesAsItRefusesDel_KeepsNothing(CniErrorCode code, string words)
    {
        plugins.Answer = call => call.Plugin.ToString() == "b" ? throw new CniPluginException(code, words) : "{}";

        var fault = await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None));

        Assert.Equal((code, words), (fault.Code, fault.Reason[^words.Length..]));
        Assert.Equal(["Add a", "Add b", "Del b", "Del a"], plugins.Verbs);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task B_AddFails_UndoIsGivenTheResultSoFar()
    {
        plugins.Answer = call => (call.Command, call.Plugin.ToString()) switch
        {
            (CniCommand.Add, "c") => throw new CniPluginException(CniErrorCode.Io, "no"),
            _ => """{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.5/24"}]}""",
        };
        await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a", "b", "c", "d"), Request, CancellationToken.None));

        Assert.Equal(["Del c", "Del b", "Del a"], plugins.Verbs.Skip(3));
        Assert.All(plugins.Calls.Skip(3), call => Assert.Contains("10.0.0.5/24", call.Config, StringComparison.Ordinal));
    }

    [Fact]
    public async Task B_AddAndItsUndoFail_BothAreTold_AddsFirst_AndStored()
    {
        plugins.Answer = call =>
            throw new CniPluginException(call.Command == CniCommand.Add ? CniErrorCode.TryAgain : CniErrorCode.Io, $"no {call.Command}");

        var fault = await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a"), Request, CancellationToken.None));

        Assert.Equal(CniErrorCode.TryAgain, fault.Code);
        Assert.Matches("^plugin a of the list net: no Add: undoing it failed as well: plugin a of the list net: no Del$", fault.Message);
        var stored = Assert.Single(Runtime().Attachments());
        Assert.Equal(("plugin a of the list net: no Add", "plugin a of the list net: no Del", 1),
            (stored.AddFault, stored.Fault, stored.FailedDels));
    }

    [Fact]
    public async Task B_AddAfterAFailedAddThatCannotBeUndone_SaysBothReasons()
    {
        plugins.Answer = call => throw new CniPluginException(CniErrorCode.Io, $"no {call.Command}");
        await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a"), Request, CancellationToken.None));

        var fault = await Assert.ThrowsAsync<CniConfigException>(() => Runtime().AddAsync(List("a"), Request, CancellationToken.None));

        Assert.Contains("an earlier ADD failed (plugin a of the list net: no Add), and its DEL failed (plugin a of the list net: no "
            + "Del); delete that attachment first",
            fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task B_CheckOfAnAddThatFailed_SaysWhy()
    {
        plugins.Answer = call => throw new CniPluginException(CniErrorCode.Io, $"no {call.Command}");
        await Assert.ThrowsAsync<CniPluginException>(() => Runtime().AddAsync(List("a"), Request, CancellationToken.None));

        var fault = await Assert.ThrowsAsync<CniConfigException>(() => Runtime().CheckAsync(List("a"), Request, CancellationToken.None));

        Assert.Contains("is not attached to the network net as eth0: an earlier ADD failed (plugin a of the list net: no Add)",
            fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task B_DelIsRepeated_WithoutThePluginsThatAreDone()
    {
        await Runtime().AddAsync(List("a", "b", "c"), Request, CancellationToken.None);
        plugins.Calls.Clear();
        plugins.Answer = call => call.Plugin.ToString() == "b" ? throw new CniPluginException(CniErrorCode.TryAgain, "later") : "{}";
        await Assert.ThrowsAsync<CniPluginException>(() => Runtime().DeleteAsync(List("a"), Request, CancellationToken.None));
        Assert.Equal(["Del c", "Del b", "Del a"], plugins.Verbs);

        plugins.Calls.Clear();
        plugins.Answer = _ => "{}";
        await Runtime().DeleteAsync(List("a"), Request, CancellationToken.None);

        Assert.Equal(["Del b"], plugins.Verbs);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task B_DelBrokenOff_WhatIsDoneIsOnDiskBeforeTheNextPluginRuns()
    {
        await Runtime().AddAsync(List("a", "b", "c"), Request, CancellationToken.None);
        plugins.Answer = call => call.Plugin.ToString() == "a" ? throw new InvalidOperationException("killed") : "{}";
        await Assert.ThrowsAsync<InvalidOperationException>(() => Runtime().DeleteAsync(List("a"), Request, CancellationToken.None));

        plugins.Calls.Clear();
        plugins.Answer = _ => "{}";
        await Runtime().DeleteAsync(List("a"), Request, CancellationToken.None);

        Assert.Equal(["Del a"], plugins.Verbs);
    }

    [Theory]
    [InlineData("0.3.1", false)]
    [InlineData("0.4.0", true)]
    public async Task Delete_AfterTheExecutableWasReplacedByAnOlderOne_SpeaksItsVersion(string version, bool hasResult)
    {
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        plugins.Answer = call => call.Command == CniCommand.Version
            ? $$"""{"cniVersion":"{{version}}","supportedVersions":["0.1.0","{{version}}"]}"""
            : Encoding.UTF8.GetString(call.Config.Span).Contains("\"cniVersion\":\"1.0.0\"", StringComparison.Ordinal)
                ? throw new CniPluginException(CniErrorCode.IncompatibleVersion, "incompatible CNI versions")
                : "";

        await Runtime().DeleteAsync(List("a"), Request, CancellationToken.None);

        var (_, _, config) = plugins.Calls.Last(call => call.Command == CniCommand.Del);
        Assert.Contains($"\"cniVersion\":\"{version}\"", config, StringComparison.Ordinal);
        Assert.Equal(hasResult, config.Contains("prevResult", StringComparison.Ordinal));
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task B_DelRefusedInANamespace_IsAskedWithoutOne()
    {
        await Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None);
        plugins.Calls.Clear();
        plugins.Answer = call => call is { NetNs: "/ns", Command: CniCommand.Del }
            && call.Plugin.ToString() == "a" ? throw new CniPluginException(CniErrorCode.Internal, "no") : "{}";

        await Runtime().DeleteAsync(List("a"), Request, CancellationToken.None);

        Assert.Equal(["Del b", "Del a", "Del a"], plugins.Verbs);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task B_StateOfVersion010_WithADelThatFailed_IsLoaded_AndEveryPluginIsAsked()
    {
        await Runtime().AddAsync(List("a", "b"), Request, CancellationToken.None);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache")));
        // as 0.1.0 wrote it: no progress, no reasons
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"Added\"", "\"Deleting\"", StringComparison.Ordinal));
        plugins.Calls.Clear();

        await Runtime().DeleteAsync(Assert.Single(Runtime().Attachments()), "", CancellationToken.None);

        Assert.Equal(["Del b", "Del a"], plugins.Verbs);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task B_Forget_TakesItOutOfTheBooks_WithoutDel()
    {
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        plugins.Calls.Clear();

        await Runtime().ForgetAsync(Assert.Single(Runtime().Attachments()), CancellationToken.None);

        Assert.Empty(plugins.Calls);
        Assert.Empty(Runtime().Attachments());
    }

    [Fact]
    public async Task Negotiate_NoCommonVersion_NamesBothSides()
    {
        plugins.Answer = _ => """{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}""";

        var fault = await Assert.ThrowsAsync<CniConfigException>(() => Runtime().NegotiateAsync(List("a"), CancellationToken.None));

        Assert.Contains("1.0.0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("0.4.0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C_Status_WherePluginsLackTheListsVersion_NamesIt()
    {
        var versions = plugins.Answer;
        plugins.Answer = call => call.Command == CniCommand.Status
            ? throw new CniPluginException(CniErrorCode.InvalidEnvironment, "unknown CNI_COMMAND: STATUS")
            : versions(call);
        var newer = List("a", "b") with { CniVersion = "1.1.0", CniVersions = ["1.1.0"] };

        var fault = await Assert.ThrowsAsync<CniConfigException>(() => Runtime().StatusAsync(newer, CancellationToken.None));
        Assert.Contains("plugin a does not speak version 1.1.0 of the list net; it speaks 0.4.0, 1.0.0: install a plugin that does",
            fault.Message, StringComparison.Ordinal);

        await Runtime().StatusAsync(newer with { CniVersions = ["1.0.0", "1.1.0"] }, CancellationToken.None); // ADD would speak 1.0.0
    }

    [Fact]
    public async Task Add_SameContainerAtOnce_OneWaitsForTheOther()
    {
        var running = 0;
        plugins.Answer = _ =>
        {
            Assert.Equal(1, Interlocked.Increment(ref running));
            Interlocked.Decrement(ref running);
            return "{}";
        };
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => Task.Run(() =>
            Runtime().AddAsync(List("a"), Request with { IfName = InterfaceName.Parse($"eth{i}") }, CancellationToken.None))));

        Assert.Equal(10, Runtime().Attachments().Count);
    }
}
