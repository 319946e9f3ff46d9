namespace DockerDriver.Import;

/// <summary>Who chooses a container's address on an imported network.</summary>
internal enum AddressSource
{
    /// <summary>The list's own IPAM: through cnid's IPAM driver where its subnets are known, else with Docker standing aside.</summary>
    List,

    /// <summary>The list's own IPAM, and Docker stands aside in any case.</summary>
    Null,

    /// <summary>Docker's, from a pool that is the list's subnet; the list is asked for the address it chose.</summary>
    Docker,
}
