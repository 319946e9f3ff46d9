namespace DockerDriver.Engine.Files;

/// <summary>
/// The ports of <c>-p</c> and <c>-P</c> of a container of <c>--network none</c>: the engine stores them without publishing. In the form of
/// the label <c>cni.ports</c>: <c>[IP:][HOST:]CONTAINER/tcp</c>.
/// </summary>
internal static class PublishedPorts
{
    /// <param name="bindings">By container port, <c>80/tcp</c>: host address and port, either of which may be missing.</param>
    /// <param name="exposed">The container ports that <c>-P</c> publishes; empty without it.</param>
    public static IReadOnlyList<string> Of(
        IEnumerable<KeyValuePair<string, IEnumerable<(string? Address, string? Port)>>> bindings, IEnumerable<string> exposed)
    {
        var asked = bindings.ToList();
        return
        [
            .. from mapping in asked
               from binding in mapping.Value
               select Text(binding.Address, binding.Port, mapping.Key),
            .. exposed.Where(port => asked.TrueForAll(mapping => mapping.Key != port || !mapping.Value.Any())),
        ];
    }

    private static string Text(string? address, string? hostPort, string port)
    {
        hostPort = hostPort == "0" ? "" : hostPort;
        if (string.IsNullOrEmpty(address))
            return string.IsNullOrEmpty(hostPort) ? port : $"{hostPort}:{port}";
        return $"{(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address)}:{hostPort}:{port}";
    }
}
