namespace DockerDriver.State;

/// <summary>A record with a file of its own, named by its id.</summary>
internal interface IStored
{
    int Schema { get; }

    string Id { get; }
}
