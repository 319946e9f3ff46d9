using System.Text.Json.Nodes;
using CniCore.Spec;

namespace Conformance;

/// <summary>
/// Compares a plugin's result with its <c>prevResult</c>, which must be contained "with any possible modifications made by that plugin"
/// (spec, section 5). An entry with a replacement counts as changed, one without as lost.
/// </summary>
internal static class PrevResultComparison
{
    private static readonly (string Key, string Name)[] Lists = [("interfaces", "name"), ("ips", "address"), ("routes", "dst")];

    /// <param name="before"><c>prevResult</c>.</param>
    /// <param name="after">The plugin's result.</param>
    public static (IReadOnlyList<string> Lost, IReadOnlyList<string> Changed) Compare(JsonNode? before, JsonNode? after)
    {
        List<string> lost = [], changed = [];
        foreach (var (key, name) in Lists)
        {
            List<string> gone = Without(before, after, key, name), come = Without(after, before, key, name);
            changed.AddRange(gone.Zip(come, (old, now) => $"{key}: {old} has become {now}"));
            lost.AddRange(gone.Skip(come.Count).Select(lost => $"{key}: {lost} is missing"));
        }
        var dns = before?["dns"];
        if (dns is JsonObject { Count: > 0 } && !JsonNode.DeepEquals(dns, after?["dns"]))
        {
            if (after?["dns"] is JsonObject { Count: > 0 } other)
                changed.Add($"dns: {dns.ToJsonString()} has become {other.ToJsonString()}");
            else
                lost.Add($"dns: {dns.ToJsonString()} is missing");
        }
        return (lost, changed);
    }

    // Compares as multisets.
    private static List<string> Without(JsonNode? result, JsonNode? other, string key, string name)
    {
        var left = Of(other, key, name);
        return [.. Of(result, key, name).Where(item => !left.Remove(item))];
    }

    private static List<string> Of(JsonNode? result, string key, string name) =>
        [.. (result?[key] as JsonArray ?? []).Select(item => Answer.Text(item?[name]))
            .Select(text => CidrAddress.TryParse(text, out var address) ? address.ToString()! : text)];
}
