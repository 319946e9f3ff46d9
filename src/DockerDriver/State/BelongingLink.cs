namespace DockerDriver.State;

/// <summary>An interface of a namespace in which ADD has run.</summary>
/// <param name="Index">Its number there.</param>
/// <param name="Name">Its name there.</param>
/// <param name="Mac">Its hardware address, by which it is found elsewhere; empty where it has none.</param>
/// <param name="IsUp">Whether it was up.</param>
internal sealed record BelongingLink(int Index, string Name, string Mac, bool IsUp);
