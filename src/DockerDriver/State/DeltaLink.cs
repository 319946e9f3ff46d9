namespace DockerDriver.State;

/// <summary>An interface of a namespace in which ADD has run.</summary>
/// <param name="Index">Its number there.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Mac">Its hardware address there; empty where it has none.</param>
/// <param name="IsUp">Whether it was up.</param>
internal sealed record DeltaLink(int Index, string Name, string Mac, bool IsUp)
{
    /// <summary>What it is known by elsewhere; null for <c>lo</c>, and for one of a cnid that did not note it.</summary>
    public LinkIdentity? Identity { get; init; }
}
