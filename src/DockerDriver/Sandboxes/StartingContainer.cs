namespace DockerDriver.Sandboxes;

/// <summary>A container whose netns exists and whose first process has not started.</summary>
/// <param name="Id">Docker's full id.</param>
/// <param name="NetNs">Path of its network namespace, such as <c>/proc/PID/ns/net</c>.</param>
/// <param name="Pid">Its first process, in this daemon's pid namespace.</param>
internal sealed record StartingContainer(string Id, string NetNs, int Pid)
{
    /// <summary>Its labels, where the caller has read them; null where the engine is to be asked.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>The ports of <c>-p</c> and <c>-P</c>, in the form of <c>cni.ports</c>; null where unknown.</summary>
    public IReadOnlyList<string>? Published { get; init; }

    /// <summary>Its name; empty where unknown.</summary>
    public string Name { get; init; } = "";

    /// <summary>Docker's folder of the container; empty where unknown.</summary>
    public string Folder { get; init; } = "";
}
