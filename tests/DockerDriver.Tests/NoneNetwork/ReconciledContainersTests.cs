using DockerDriver.Engine;
using DockerDriver.NoneNetwork;
using DockerDriver.Sandboxes;
using DockerDriver.State;

namespace DockerDriver.Tests.NoneNetwork;

/// <summary>Which containers are inspected again every 30 s.</summary>
public sealed class ReconciledContainersTests
{
    private static readonly EngineContainer Running = Seen() with { Pid = 7 };
    private static readonly StoredContainer Attached = new() { Id = "c1", Phase = ContainerPhase.Attached };
    private bool isAttached = true;

    [Fact]
    public void C_UnchangedContainer_IsNotInspected()
    {
        var reconciled = Settled(Running, Attached);
        Assert.True(reconciled.Contains(Seen("running"), Attached));
        Assert.True(reconciled.Contains(Seen("paused"), Attached));

        var detached = Attached with { Phase = ContainerPhase.Detached };
        Assert.True(Settled(Seen(), detached).Contains(Seen("exited"), detached));
        Assert.True(Settled(Seen(), detached).Contains(Seen("created"), detached));
    }

    [Fact]
    public void C_ChangedContainer_IsInspected()
    {
        var reconciled = Settled(Running, Attached);
        Assert.False(reconciled.Contains(Seen("exited"), Attached));
        Assert.False(reconciled.Contains(Seen("restarting"), Attached));
        Assert.False(reconciled.Contains(Seen("running") with { Name = "renamed" }, Attached));
        Assert.False(reconciled.Contains(Seen("running"), Attached with { Name = "renamed" })); // our record
        Assert.False(reconciled.Contains(Seen("running"), null));
        Assert.False(reconciled.Contains(Seen("running") with { Id = "c2" }, Attached));

        isAttached = false; // it has another process by now, and another namespace
        Assert.False(reconciled.Contains(Seen("running"), Attached));
        isAttached = true;
        reconciled.Forget("c1");
        Assert.False(reconciled.Contains(Seen("running"), Attached));
    }

    [Fact]
    public void C_ContainerThatIsRetried_IsInspected()
    {
        var resting = Attached with { Phase = ContainerPhase.Failed, NextTry = DateTimeOffset.UnixEpoch };
        Assert.False(Settled(Running, resting).Contains(Seen("running"), resting));
        var ending = Attached with { Phase = ContainerPhase.Detaching };
        Assert.False(Settled(Seen(), ending).Contains(Seen("exited"), ending));
    }

    private ReconciledContainers Settled(EngineContainer seen, StoredContainer stored)
    {
        var reconciled = new ReconciledContainers((_, running) => isAttached && running is { NetNs: "/proc/7/ns/net", Pid: 7 });
        reconciled.Remember(seen, stored);
        return reconciled;
    }

    private static EngineContainer Seen(string state = "") =>
        new("c1", "pod", new Dictionary<string, string>(), "none", "/folder") { State = state };
}
