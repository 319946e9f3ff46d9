namespace DockerDriver.Import;

/// <summary>Which IPAM assigns the addresses of an imported network.</summary>
internal enum AddressSource
{
    /// <summary>The list's own IPAM: through cnid's IPAM driver where its subnets are known, else with <c>--ipam-driver null</c>.</summary>
    List,

    /// <summary>The list's own IPAM, with <c>--ipam-driver null</c>.</summary>
    Null,

    /// <summary>Docker's, from a pool that is the list's subnet; ADD requests the address that it chose.</summary>
    Docker,
}
