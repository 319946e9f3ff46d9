using System.Text;
using CniCore.Invoke;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

namespace CniCore.Tests.Invoke;

public sealed class ExecInvokerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Invoke_SendsSixVariablesAndStandardInput()
    {
        var answer = await InvokeAsync("env | grep ^CNI_ | sort; cat");

        Assert.Equal($"CNI_ARGS=A=1\nCNI_COMMAND=ADD\nCNI_CONTAINERID=c\nCNI_IFNAME=eth0\nCNI_NETNS=/n\nCNI_PATH={folder}\nINPUT",
            Encoding.UTF8.GetString(answer.StandardOutput.Span));
    }

    [Fact]
    public async Task Invoke_ErrorBehindAResult_IsUnderstood()
    {
        var fault = await FaultAsync("echo '{\"ips\":[]}'; echo '{\"code\":7,\"msg\":\"no\",\"details\":\"why\"}'; echo log >&2; exit 1");

        Assert.Equal((CniErrorCode.InvalidConfig, "no", "why", "log"), (fault.Code, fault.Reason, fault.Details, fault.StandardError));
    }

    [Fact]
    public async Task Invoke_WordlessFailure_KeepsBothStreams()
    {
        var fault = await FaultAsync("echo out; echo err >&2; exit 3");

        Assert.Contains("exit status 3", fault.Message, StringComparison.Ordinal);
        Assert.Contains("out", fault.Message, StringComparison.Ordinal);
        Assert.Contains("err", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_PluginThatIgnoresTerm_IsKilledWithItsChildren()
    {
        var fault = await FaultAsync($"trap '' TERM; sleep 600 & echo $! > {folder}/child; wait; wait; while :; do sleep 1; done",
            TimeSpan.FromSeconds(0.3));

        Assert.Equal(CniErrorCode.DeadlineExceeded, fault.Code);
        var child = File.ReadAllText(Path.Combine(folder, "child")).Trim();
        while (File.Exists($"/proc/{child}/stat") && !File.ReadAllText($"/proc/{child}/stat").Contains(") Z", StringComparison.Ordinal))
            await Task.Yield(); // it was killed: the kernel is about to say so, and the sleep would take ten minutes
    }

    // With a session of its own; as the child of init; and without what it has inherited.
    [Theory(Timeout = 60_000)]
    [InlineData("setsid sh -c 'echo $$ > {0}/child; exec sleep infinity' & sleep 600")]
    [InlineData("(setsid sh -c 'echo $$ > {0}/child; exec sleep infinity' &); sleep 600")]
    [InlineData("setsid env -i sh -c 'echo $$ > {0}/child; exec /bin/sleep infinity' & sleep 600")]
    [InlineData("(setsid sh -c 'echo $$ > {0}/child; exec sleep infinity' &); trap 'exit 0' TERM; sleep 600 & wait")]
    public async Task Invoke_GrandchildWithASessionOfItsOwn_EndsWithTheTimeLimit(string script)
    {
        var fault = await FaultAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, script, folder),
            TimeSpan.FromSeconds(1));

        Assert.Equal(CniErrorCode.DeadlineExceeded, fault.Code);
        var child = File.ReadAllText(Path.Combine(folder, "child")).Trim();
        while (File.Exists($"/proc/{child}/stat") && !File.ReadAllText($"/proc/{child}/stat").Contains(") Z", StringComparison.Ordinal))
            await Task.Delay(1, TestContext.Current.CancellationToken); // it was killed: the kernel is about to say so
    }

    [Fact]
    public void C_LinkToNothing_InAnEarlierFolder_HidesNoPlugin()
    {
        var earlier = Directory.CreateDirectory(Path.Combine(folder, "earlier")).FullName;
        File.CreateSymbolicLink(Path.Combine(earlier, "plugin"), "/nothing");
        Write("true");

        Assert.Equal(Path.Combine(folder, "plugin"), new PluginFolders([earlier, folder]).Find(PluginType.Parse("plugin")));
    }

    // A frozen process does not die of KILL until it is thawed: as one that the kernel holds in a file system that does not answer.
    [Fact]
    public async Task B_Invoke_PluginThatKillDoesNotEnd_IsGivenUp()
    {
        const string Freezer = "/sys/fs/cgroup/freezer";
        Assert.SkipUnless(Environment.UserName == "root" && Directory.Exists(Freezer), "needs root, and the freezer of cgroup 1");
        var group = Directory.CreateDirectory($"{Freezer}/cnid-test-{Guid.NewGuid():N}").FullName;
        try
        {
            var fault =
                await FaultAsync(
                    $"echo $$ > {folder}/frozen; echo $$ > {group}/cgroup.procs; echo FROZEN > {group}/freezer.state; sleep 600",
                        TimeSpan.FromSeconds(0.3));
            Assert.Equal(CniErrorCode.DeadlineExceeded, fault.Code);
        }
        finally
        {
            File.WriteAllText($"{group}/freezer.state", "THAWED");
            while (File.ReadAllText($"{group}/cgroup.procs").Length > 0)
                await Task.Yield(); // it dies of the KILL that it was sent
            Directory.Delete(group);
        }
    }

    [Fact]
    public async Task Invoke_GrandchildThatKeepsThePipe_IsNotWaitedFor()
    {
        var answer = await InvokeAsync($"setsid sleep 600 & echo $! > {folder}/child; echo '{{}}'");
        System.Diagnostics.Process.GetProcessById(
            int.Parse(File.ReadAllText(Path.Combine(folder, "child")).Trim(), System.Globalization.CultureInfo.InvariantCulture)).Kill();

        Assert.Equal("{}\n", Encoding.UTF8.GetString(answer.StandardOutput.Span));
    }

    [Fact]
    public async Task Invoke_TooMuchOutput_IsStopped() =>
        Assert.Contains("more than", (await FaultAsync("yes")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Invoke_Cancelled_StopsThePlugin()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(0.2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => InvokeAsync("sleep 600", cancel: cancel.Token));
    }

    [Fact]
    public async Task Invoke_TryAgain_IsTriedAgain()
    {
        var answer =
            await InvokeAsync(
                $"[ -e {folder}/once ] && echo '{{}}' && exit 0; touch {folder}/once; echo '{{\"code\":11,\"msg\":\"later\"}}'; exit 1");

        Assert.Equal("{}\n", Encoding.UTF8.GetString(answer.StandardOutput.Span));
    }

    [Fact]
    public async Task Invoke_ManyFirstAdds_OneGoesAlone()
    {
        // Looks, makes, and fails where another has made it in between, as the reference's firewall does with its chains.
        Write($"[ -e {folder}/chain ] || {{ sleep 0.2; mkdir {folder}/chain; }} || exit 1; echo '{{}}'");
        var invoker = Invoker(TimeSpan.FromSeconds(20));

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => invoker.InvokeAsync(Call(), CancellationToken.None)));

        Assert.True(Directory.Exists(Path.Combine(folder, "chain")));
    }

    [Fact]
    public async Task Invoke_FirstAddThatFails_LeavesItsTurnToTheNext()
    {
        Write($"[ -e {folder}/once ] || {{ touch {folder}/once; sleep 0.2; exit 1; }}; [ -e {folder}/chain ] || {{ sleep 0.2; mkdir "
            + $"{folder}/chain; }} || exit 1; echo '{{}}'");
        var invoker = Invoker(TimeSpan.FromSeconds(20));

        var calls = Enumerable.Range(0, 5).Select(_ => invoker.InvokeAsync(Call(), CancellationToken.None)).ToArray();

        await Assert.ThrowsAsync<CniPluginException>(() => Task.WhenAll(calls));
        Assert.Equal(1, calls.Count(call => call.IsFaulted));
    }

    [Fact]
    public async Task Invoke_FirstAddThatHangs_HoldsNobodyForLong()
    {
        Write($"[ -e {folder}/once ] && echo '{{}}' && exit 0; touch {folder}/once; exec sleep 600");
        var invoker = Invoker(TimeSpan.FromSeconds(20));
        using var cancel = new CancellationTokenSource();

        var hanging = invoker.InvokeAsync(Call(), cancel.Token);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => invoker.InvokeAsync(Call(), CancellationToken.None)));

        Assert.False(hanging.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
    }

    [Fact]
    public async Task Invoke_Version_RunsThePluginOnce_UntilItIsAnotherFile()
    {
        Write($"echo >> {folder}/runs; sleep 0.1; echo one");
        var invoker = Invoker(TimeSpan.FromSeconds(20));

        var answers = await Task.WhenAll(Enumerable.Range(0, 9).Select(_ => AskAsync()));
        Assert.All(answers.Append(await AskAsync()), answer => Assert.Equal("one\n", answer));
        Assert.Single(await File.ReadAllLinesAsync($"{folder}/runs"));
        Write($"echo >> {folder}/runs; echo two");
        Assert.Equal("two\n", await AskAsync());

        async Task<string> AskAsync() =>
            Encoding.UTF8.GetString((await invoker.InvokeAsync(Version, CancellationToken.None)).StandardOutput.Span);
    }

    [Fact]
    public async Task Invoke_VersionThatFails_IsAskedAgain_AndTheLastWhoGivesUpStopsIt()
    {
        Write($"[ -e {folder}/once ] && echo ok && exit; touch {folder}/once; exit 1");
        var invoker = Invoker(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAsync<CniPluginException>(() => invoker.InvokeAsync(Version, CancellationToken.None));
        Assert.Equal("ok\n", Encoding.UTF8.GetString((await invoker.InvokeAsync(Version, default)).StandardOutput.Span));

        Write($"mkfifo {folder}/begun; trap 'echo > {folder}/ended; exit' TERM; echo > {folder}/begun; sleep 600 & wait");
        using var first = new CancellationTokenSource();
        using var last = new CancellationTokenSource();
        Task[] asked = [invoker.InvokeAsync(Version, first.Token), invoker.InvokeAsync(Version, last.Token)];
        while (!File.Exists($"{folder}/begun"))
            await Task.Delay(5);
        await File.ReadAllTextAsync($"{folder}/begun");
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked[0]);
        Assert.False(File.Exists($"{folder}/ended"));
        await last.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked[1]);
        while (!File.Exists($"{folder}/ended"))
            await Task.Delay(5);
    }

    [Fact]
    public async Task Invoke_MissingPlugin_NamesTheFolders()
    {
        var fault = await Assert.ThrowsAsync<CniPluginException>(() =>
            Invoker(TimeSpan.FromSeconds(20)).InvokeAsync(Call(), CancellationToken.None));

        Assert.Contains(folder, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invoke_PluginThatDoesNotRead_IsNoFault() =>
        Assert.Equal("ok\n", Encoding.UTF8.GetString(
            (await InvokeAsync("exec <&-; echo ok", config: new byte[300_000])).StandardOutput.Span));

    private async Task<CniPluginException> FaultAsync(string script, TimeSpan? timeout = null) =>
        await Assert.ThrowsAsync<CniPluginException>(() => InvokeAsync(script, timeout));

    private Task<PluginAnswer> InvokeAsync(
        string script, TimeSpan? timeout = null, byte[]? config = null, CancellationToken cancel = default)
    {
        Write(script);
        return Invoker(timeout ?? TimeSpan.FromSeconds(20)).InvokeAsync(Call() with { Config = config ?? "INPUT"u8.ToArray() }, cancel);
    }

    private void Write(string script)
    {
        var path = Path.Combine(folder, "plugin");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private ExecInvoker Invoker(TimeSpan timeout) =>
        new([folder], TimeProvider.System, NullLogger<ExecInvoker>.Instance)
        {
            Timeout = timeout,
            Grace = TimeSpan.FromSeconds(0.2),
            OutputLimit = 100_000,
        };

    private static PluginCall Version => Call() with { Command = CniCommand.Version };

    private static PluginCall Call() => new(CniCommand.Add, PluginType.Parse("plugin"), "c", "/n", "eth0", "A=1", default);
}
