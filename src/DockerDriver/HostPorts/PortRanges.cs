using System.Globalization;
using DockerDriver.State;

namespace DockerDriver.HostPorts;

/// <summary>Formats published ports, with adjacent ports as a range: <c>0.0.0.0:21000-21299->21000-21299/tcp</c>.</summary>
internal static class PortRanges
{
    /// <summary>All of them, separated by <c>, </c>; empty for none.</summary>
    public static string Text(IEnumerable<PublishedPort> ports) => string.Join(", ", Of(ports).Select(range => range.Count == 1
        ? range.First.ToString()
        : string.Create(CultureInfo.InvariantCulture,
            $"{range.First.HostSide}-{range.First.HostPort + range.Count - 1}->"
                + $"{range.First.ContainerPort}-{range.First.ContainerPort + range.Count - 1}/{range.First.Protocol}")));

    /// <summary>The host's side only: <c>0.0.0.0:21000-21299</c>.</summary>
    public static string HostText(IEnumerable<PublishedPort> ports) => string.Join(", ", Of(ports).Select(range => range.Count == 1
        ? range.First.HostSide
        : string.Create(CultureInfo.InvariantCulture, $"{range.First.HostSide}-{range.First.HostPort + range.Count - 1}")));

    // A range continues where both port numbers increase by one.
    private static List<(PublishedPort First, int Count)> Of(IEnumerable<PublishedPort> ports)
    {
        var ranges = new List<(PublishedPort First, int Count)>();
        foreach (var port in ports.OrderBy(port => port.Protocol, StringComparer.Ordinal)
            .ThenBy(port => port.HostIp, StringComparer.Ordinal).ThenBy(port => port.HostPort))
        {
            if (ranges is [.., var (first, count)]
                && port == first with { HostPort = first.HostPort + count, ContainerPort = first.ContainerPort + count })
                ranges[^1] = (first, count + 1);
            else
                ranges.Add((port, 1));
        }
        return ranges;
    }
}
