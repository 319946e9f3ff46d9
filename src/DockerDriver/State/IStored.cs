namespace DockerDriver.State;

/// <summary>Something with a file of its own, found by its id.</summary>
internal interface IStored
{
    int Schema { get; }

    string Id { get; }
}
