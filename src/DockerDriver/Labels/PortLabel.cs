using System.Globalization;
using CniCore.Spec;
using DockerDriver.Errors;
using DockerDriver.Protocol;

namespace DockerDriver.Labels;

/// <summary>
/// <c>cni.ports</c>: values of <c>docker run -p</c>, separated by <c>,</c>: <c>[[IP:][HOST]:]CONTAINER[/tcp|/udp|/sctp]</c>, including
/// ranges.
/// </summary>
internal static class PortLabel
{
    // As many as there are ports of the three protocols; a range of some characters stands for as many.
    private const int Most = 3 * 65535;

    private static readonly Dictionary<string, int> Protocols = new(StringComparer.Ordinal) { ["tcp"] = 6, ["udp"] = 17, ["sctp"] = 132 };

    /// <exception cref="RefusedException">An entry is malformed.</exception>
    public static IReadOnlyList<PortBinding> Parse(string label, string value)
    {
        var entries = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        List<PortBinding> bindings = [.. entries.SelectMany(entry =>
            Bindings(entry)
                ?? throw ContainerLabels.Invalid(label,
                $"'{entry}' is not [[IP:]HOSTPORT:]PORT[/tcp|udp|sctp], such as 8080:80/tcp; separate several with ','")).Take(Most + 1)];
        return bindings.Count <= Most
            ? bindings : throw ContainerLabels.Invalid(label, $"it stands for more than {Most} ports: name fewer");
    }

    private static IEnumerable<PortBinding>? Bindings(string entry)
    {
        var (ports, protocol) = Cut(entry, '/', "tcp");
        if (!Protocols.TryGetValue(protocol.ToLowerInvariant(), out var number))
            return null;
        var colon = ports.LastIndexOf(':');
        var host = colon < 0 ? "" : ports[..colon];
        var ip = "";
        if (host.LastIndexOf(':') is var between and >= 0)
            (ip, host) = (host[..between].TrimStart('[').TrimEnd(']'), host[(between + 1)..]);
        if (ip.Length > 0 && !AddressText.TryParse(ip, out _))
            return null;
        if (Range(ports[(colon + 1)..]) is not { } inside)
            return null;
        if (host.Length == 0)
            return Enumerable.Range(inside.First, inside.Count).Select(port => new PortBinding(number, port, ip));
        if (Range(host) is not { } outside)
            return null;
        if (inside.Count == 1)
            return [new(number, inside.First, ip, outside.First, outside.First + outside.Count - 1)]; // one of the range, as for Docker
        return inside.Count == outside.Count
            ? Enumerable.Range(0, inside.Count)
                .Select(n => new PortBinding(number, inside.First + n, ip, outside.First + n, outside.First + n))
            : null;
    }

    private static (int First, int Count)? Range(string text)
    {
        var (first, last) = Cut(text, '-', text);
        return Port(first) is { } from && Port(last) is { } to && to >= from ? (from, to - from + 1) : null;
    }

    private static int? Port(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : null;

    private static (string Left, string Right) Cut(string text, char at, string otherwise) =>
        text.IndexOf(at) is var index and >= 0 ? (text[..index], text[(index + 1)..]) : (text, otherwise);
}
