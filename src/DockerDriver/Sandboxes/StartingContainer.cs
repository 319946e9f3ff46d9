namespace DockerDriver.Sandboxes;

/// <summary>A container whose namespace is there and whose first process waits.</summary>
/// <param name="Id">Docker's full id.</param>
/// <param name="NetNs">Path of its network namespace, such as <c>/proc/PID/ns/net</c>.</param>
/// <param name="Pid">Its first process, in this daemon's process namespace.</param>
internal sealed record StartingContainer(string Id, string NetNs, int Pid)
{
    /// <summary>Its labels, where whoever starts it has read them; null where the engine is to be asked.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>What <c>-p</c> and <c>-P</c> ask for, in the form of <c>cni.ports</c>; null where it has not been read.</summary>
    public IReadOnlyList<string>? Published { get; init; }

    /// <summary>Its name, where it has been read.</summary>
    public string Name { get; init; } = "";

    /// <summary>Docker's folder for it, where it has been read.</summary>
    public string Folder { get; init; } = "";
}
