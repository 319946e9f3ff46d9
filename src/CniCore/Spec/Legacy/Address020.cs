using System.Net;
using System.Text.Json.Serialization;

namespace CniCore.Spec.Legacy;

/// <summary>An address of a 0.2.0 result, with the routes of its family.</summary>
internal sealed record Address020
{
    [JsonPropertyName("ip")]
    public required CidrAddress Ip { get; init; }

    [JsonPropertyName("gateway"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IPAddress? Gateway { get; init; }

    [JsonPropertyName("routes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CniRoute>? Routes { get; init; }

    public static Address020? From(CniResult result, int addressBytes)
    {
        if (result.Ips.FirstOrDefault(ip => ip.Address.Address.GetAddressBytes().Length == addressBytes) is not { } first)
            return null;
        List<CniRoute> routes = [.. result.Routes
            .Where(route => route.Destination.Address.GetAddressBytes().Length == addressBytes)
            .Select(route => new CniRoute { Destination = route.Destination, Gateway = route.Gateway })];
        return new() { Ip = first.Address, Gateway = first.Gateway, Routes = routes.Count > 0 ? routes : null };
    }
}
