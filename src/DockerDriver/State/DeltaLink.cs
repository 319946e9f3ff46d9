namespace DockerDriver.State;

/// <summary>An interface that was in the holding namespace after ADD.</summary>
/// <param name="Index">Its interface index in the holding namespace.</param>
/// <param name="Name">Its name in the holding namespace.</param>
/// <param name="Mac">Its hardware address; empty where it has none.</param>
/// <param name="IsUp">Whether it was up.</param>
internal sealed record DeltaLink(int Index, string Name, string Mac, bool IsUp)
{
    /// <summary>What identifies it in any namespace; null for <c>lo</c>, and in records of a version that did not store it.</summary>
    public LinkIdentity? Identity { get; init; }
}
