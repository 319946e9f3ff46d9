using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace EndToEnd.Host;

/// <summary>
/// The lab's engine by its API: what is asked and removed a thousand times, without a client's process for each.
/// </summary>
internal sealed class EngineApi(Lab lab) : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/{lab.Init}/root/run/docker.sock"), cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    { BaseAddress = new("http://docker/"), Timeout = TimeSpan.FromSeconds(60) };

    public void Dispose() => client.Dispose();

    /// <summary>The containers of each network of cnid's, as often as they are on one.</summary>
    public async Task<IEnumerable<string>> OnNetworksAsync()
    {
        var networks = await ListAsync("networks?filters=" + Uri.EscapeDataString("""{"driver":["cni"]}"""));
        var all = await Task.WhenAll(networks.Select(network => GetAsync($"networks/{IdOf(network)}")));
        return [.. all.Select(one => one?["Containers"]).OfType<JsonObject>().SelectMany(on => on.Select(one => one.Key))];
    }

    /// <summary>The running containers with a label.</summary>
    public async Task<IEnumerable<string>> LabelledAsync(string label) =>
        [.. (await ListAsync("containers/json?filters=" + Uri.EscapeDataString($$"""{"label":["{{label}}"]}"""))).Select(IdOf)];

    public async Task<bool> HasNetworkAsync(string name) => await GetAsync($"networks/{name}") is not null;

    public async Task<bool> IsAnyRunningAsync() => (await ListAsync("containers/json")).Count > 0;

    /// <summary>The first process of a container, by the lab's numbers.</summary>
    public async Task<int> ProcessOfAsync(string container) =>
        (await GetAsync($"containers/{container}/json"))?["State"]?["Pid"]?.GetValue<int>() ?? 0;

    /// <summary>Removes every container and every network of a user's.</summary>
    public async Task RemoveAllAsync()
    {
        await Task.WhenAll((await ListAsync("containers/json?all=1")).Select(one => SendAsync(HttpMethod.Delete,
            $"containers/{IdOf(one)}?force=1")));
        await SendAsync(HttpMethod.Post, "networks/prune");
    }

    private async Task<JsonNode?> GetAsync(string path)
    {
        using var answer = await client.GetAsync(path);
        return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync()) : null;
    }

    private async Task<IReadOnlyList<JsonNode>> ListAsync(string path) => [.. ((await GetAsync(path))?.AsArray() ?? []).OfType<JsonNode>()];

    private async Task SendAsync(HttpMethod method, string path)
    {
        using var request = new HttpRequestMessage(method, path);
        using var answer = await client.SendAsync(request);
    }

    private static string IdOf(JsonNode container) => container["Id"]!.GetValue<string>();
}
