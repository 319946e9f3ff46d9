using DockerDriver.Engine;
using DockerDriver.NoneNetwork;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Tests.NoneNetwork;

/// <summary>Which containers the engine is asked about again, every half minute.</summary>
public sealed class ReconciledContainersTests
{
    private static readonly EngineContainer Running = Seen() with { Pid = 7 };
    private static readonly StoredContainer Attached = new() { Id = "c1", Phase = ContainerPhase.Attached };
    private bool isAttached = true;

    [Fact]
    public void C_WhatHasNotChanged_IsNotAskedAbout()
    {
        var settled = Settled(Running, Attached);
        Assert.True(settled.Has(Seen("running"), Attached));
        Assert.True(settled.Has(Seen("paused"), Attached));

        var detached = Attached with { Phase = ContainerPhase.Detached };
        Assert.True(Settled(Seen(), detached).Has(Seen("exited"), detached));
        Assert.True(Settled(Seen(), detached).Has(Seen("created"), detached));
    }

    [Fact]
    public void C_WhateverHasChanged_IsAskedAbout()
    {
        var settled = Settled(Running, Attached);
        Assert.False(settled.Has(Seen("exited"), Attached));
        Assert.False(settled.Has(Seen("restarting"), Attached));
        Assert.False(settled.Has(Seen("running") with { Name = "renamed" }, Attached));
        Assert.False(settled.Has(Seen("running"), Attached with { Name = "renamed" })); // our record
        Assert.False(settled.Has(Seen("running"), null));
        Assert.False(settled.Has(Seen("running") with { Id = "c2" }, Attached));

        isAttached = false; // it has another process by now, and another namespace
        Assert.False(settled.Has(Seen("running"), Attached));
        isAttached = true;
        settled.Forget("c1");
        Assert.False(settled.Has(Seen("running"), Attached));
    }

    [Fact]
    public void C_WhatIsToBeTriedAgain_IsAskedAbout()
    {
        var resting = Attached with { Phase = ContainerPhase.Failed, NextTry = DateTimeOffset.UnixEpoch };
        Assert.False(Settled(Running, resting).Has(Seen("running"), resting));
        var ending = Attached with { Phase = ContainerPhase.Detaching };
        Assert.False(Settled(Seen(), ending).Has(Seen("exited"), ending));
    }

    private ReconciledContainers Settled(EngineContainer seen, StoredContainer stored)
    {
        var settled = new ReconciledContainers((_, running) => isAttached && running is { NetNs: "/proc/7/ns/net", Pid: 7 });
        settled.Note(seen, stored);
        return settled;
    }

    private static EngineContainer Seen(string state = "") =>
        new("c1", "pod", new Dictionary<string, string>(), "none", "/folder") { State = state };
}
