using System.Diagnostics;
using CniCore.Linux.Namespaces;

namespace CniCore.Tests.Linux;

public sealed class InhabitantsTests : LinuxTest
{
    [Fact]
    public async Task C_Has_SaysWhoLivesThereNow()
    {
        var space = Space("one");
        Assert.False(Inhabitants.OfHost.Has(space));

        using var process = Process.Start(new ProcessStartInfo("nsenter",
            [$"--net={PathOf("one")}", "sh", "-c", "echo in; read _"])
        { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        Assert.Equal("in", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        Assert.True(Inhabitants.OfHost.Has(space));
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.False(Inhabitants.OfHost.Has(space));
    }

    [Fact]
    public void C_Has_OfWhomItHasSeenThere_AsksThatOneAlone()
    {
        var looks = 0;
        using var here = NetworkNamespace.Current();
        var inode = here.Identity.Inode;
        var inhabitants = new Inhabitants(() =>
        {
            looks++;
            return new Dictionary<ulong, int> { [inode] = Environment.ProcessId };
        });

        for (var times = 0; times < 10; times++)
            Assert.True(inhabitants.Has(here));
        Assert.Equal(1, looks);
    }

    [Fact]
    public async Task C_Ask_ByManyAtOnce_IsOneLook_NoOlderThanTheirQuestion()
    {
        var looks = 0;
        using var begun = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var inhabitants = new Inhabitants(() =>
        {
            looks++;
            begun.Set();
            go.Wait();
            return new Dictionary<ulong, int> { [1] = looks };
        });
        var first = Task.Run(() => inhabitants.Ask().Value);
        begun.Wait(TestContext.Current.CancellationToken);

        var others = Enumerable.Range(0, 20).Select(_ => inhabitants.Ask()).ToList(); // while that look is under way
        go.Set();

        Assert.Equal(1, (await first)[1]);
        Assert.All(await Task.WhenAll(others.Select(one => Task.Run(() => one.Value))), found => Assert.Equal(2, found[1]));
        Assert.Equal(2, looks);
    }
}
