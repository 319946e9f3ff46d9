namespace DockerDriver.NetworkDriver;

/// <summary>
/// Restores the case of names: Docker's client converts <c>--network name=…,driver-opt=…</c> to lower case, key and value (docker/cli,
/// opts/network.go), and plugins read <c>CNI_ARGS</c> and capabilities by their exact names.
/// </summary>
internal static class CanonicalNames
{
    // From libcni's conventions, the reference plugins and kubelet.
    private static readonly string[] Args =
        ["IP", "GATEWAY", "MAC", "IgnoreUnknown", "K8S_POD_NAME", "K8S_POD_NAMESPACE", "K8S_POD_INFRA_CONTAINER_ID", "K8S_POD_UID"];

    // CNI CONVENTIONS.md.
    private static readonly string[] Capabilities =
        ["portMappings", "ipRanges", "bandwidth", "dns", "ips", "mac", "infinibandGUID", "deviceID", "aliases", "cgroupPath"];

    /// <summary>The key of <c>CNI_ARGS</c> in its usual case.</summary>
    public static string OfArg(string given) => FindCanonical(Args, given);

    /// <param name="given">The name as given.</param>
    /// <param name="asked">The capabilities of the list's plugins.</param>
    public static string OfCapability(string given, IReadOnlyCollection<string> asked) =>
        asked.Contains(given) ? given : FindCanonical(asked.Concat(Capabilities), given);

    private static string FindCanonical(IEnumerable<string> known, string given) =>
        known.FirstOrDefault(name => name.Equals(given, StringComparison.OrdinalIgnoreCase)) ?? given;
}
