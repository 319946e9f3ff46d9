namespace EndToEnd.Faults;

/// <summary>One thing that cnid does for somebody, as shell commands on the lab's host.</summary>
/// <param name="Name">For people, and for the log.</param>
/// <param name="Act">What is interfered with. It may fail.</param>
internal sealed record FaultPath(string Name, string Act)
{
    /// <summary>What goes before, undisturbed.</summary>
    public string Before { get; init; } = "";

    /// <summary>Settings of the daemon.</summary>
    public string Environment { get; init; } = "";

    /// <summary>
    /// The network, as options of <c>docker network create</c>; null where <see cref="Before"/> or <see cref="Act"/> makes one.
    /// </summary>
    public string? Network { get; init; } = "-d cni";

    /// <summary>
    /// Succeeds when what <see cref="Act"/> has begun in the background is done. CNID stands for the program. Null: nothing is.
    /// </summary>
    public string? Until { get; init; }

    /// <summary>Runs a fresh container, which must reach the outside.</summary>
    public string Fresh { get; init; } = "docker run --rm --network net lab ping -c1 -W3 203.0.113.2";

    /// <summary>Removes what <see cref="Before"/> and <see cref="Act"/> have made besides containers and networks.</summary>
    public string After { get; init; } = "true";

    /// <summary>What is under supervision: a verb of the command line, or null: the daemon.</summary>
    public string? Verb { get; init; }

    /// <summary>The daemon's start itself is interfered with.</summary>
    public bool IsStart { get; init; }

    /// <summary>A sample has these points of it in any case: what was once found broken.</summary>
    public PinnedPoint[] Pinned { get; init; } = [];

    public override string ToString() => Name;
}
