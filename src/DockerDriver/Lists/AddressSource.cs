namespace DockerDriver.Lists;

/// <summary>Who chooses a container's address on an imported network.</summary>
internal enum AddressSource
{
    /// <summary>The list's own IPAM.</summary>
    List,

    /// <summary>Docker's, from a pool that is the list's subnet; the list is asked for the address it chose.</summary>
    Docker,
}
