namespace DockerDriver.State;

/// <summary>A record with a file of its own, named by its id.</summary>
internal interface IStored
{
    int Schema { get; }

    string Id { get; }

    /// <summary>Checks what the types do not.</summary>
    /// <exception cref="FormatException">A value cannot be used.</exception>
    void Check()
    {
    }
}
