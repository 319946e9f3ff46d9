using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>Checks the addresses of a record when it is read, so that whoever uses them later can rely on them.</summary>
internal static class StoredAddresses
{
    /// <exception cref="FormatException">One is not an address with a prefix length.</exception>
    public static void Check(IEnumerable<string> addresses)
    {
        foreach (var address in addresses)
            _ = CidrAddress.Parse(address);
    }
}
