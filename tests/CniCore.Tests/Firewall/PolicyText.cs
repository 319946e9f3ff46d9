using CniCore.Firewall;

namespace CniCore.Tests.Firewall;

/// <summary>A policy as lines of comment: what is not as it is by default.</summary>
internal static class PolicyText
{
    public static string Of(FirewallPolicy policy) => string.Concat(Lines(policy).Select(line => $"# {line}\n"));

    private static IEnumerable<string> Lines(FirewallPolicy policy)
    {
        var plain = new FirewallPolicy();
        if (policy.Traffic.Count > 0)
            yield return $"traffic: {Keys(policy.Traffic)}";
        if (policy.Uplinks.Count > 0)
            yield return $"uplinks: {Keys(policy.Uplinks)}";
        if (!policy.Families.SetEquals(plain.Families))
            yield return $"families: {string.Join(", ", policy.Families)}";
        if (policy.AdminChain.Length > 0)
            yield return $"admin chain: {policy.AdminChain}";
        if (policy.IsInternal)
            yield return "internal";
        if (policy.Ingress != plain.Ingress)
            yield return $"ingress: {policy.Ingress}";
        if (policy.ReachV4 != plain.ReachV4 || policy.ReachV6 != plain.ReachV6)
            yield return $"reach: IPv4 {policy.ReachV4}, IPv6 {policy.ReachV6}";
        if (policy.Trusted.Count > 0)
            yield return $"trusted: {string.Join(", ", policy.Trusted)}";
        foreach (var port in policy.OpenPorts)
            yield return $"open: {port.Address} {port.Protocol} {port.Port}";
        foreach (var one in policy.Translations)
            yield return $"translation: from {one.From} within {one.Subnet} to {one.To?.ToString() ?? "the host's"}"
                + (one.NotOver is null ? "" : $", not over {one.NotOver}");
        foreach (var published in policy.Published)
        {
            foreach (var port in published.Ports)
                yield return $"published: {port.Host?.ToString() ?? "*"} {port.Protocol} {port.HostPort} to {published.Container} "
                    + $"{port.ContainerPort}, callers {published.Callers}";
        }
        foreach (var (port, mac) in policy.Senders)
            yield return $"sender: {port} {mac}";
        foreach (var port in policy.Nodes)
            yield return $"node: {port}";
    }

    private static string Keys(IEnumerable<TrafficSelector> selectors) =>
        string.Join(", ", selectors.Select(selector => selector.Interface ?? $"{selector.Address}"));
}
