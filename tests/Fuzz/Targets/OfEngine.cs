using Docker.DotNet.Models;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Lists;
using DockerDriver.NetworkDriver;
using DockerDriver.Rebuild;

namespace Fuzz.Targets;

/// <summary>The answers of Docker's API, over a socket.</summary>
internal static class OfEngine
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static readonly Lazy<FakeEngine> Engine = new(() => new());

    public static IReadOnlyList<Target> All { get; } =
    [
        new("docker-events", Form.Json, Events, [typeof(EngineException)], "LimitedAnswer:Counted ReadAsync"),
        new("docker-answers", Form.Json, Answers, [typeof(EngineException)],
            "EngineClient:RequestAsync TryInspectAsync ListAsync ReportAsync DescribeAsync NamesAsync ExitedAsync",
            "EngineContainer", "EngineReport", "EngineNames:Of ByEndpoint", "EngineVersion:Parse", "EngineErrorText",
            "Engine/Files/PublishedPorts"),
        new("docker-networks", Form.Json, Networks, [typeof(EngineException), typeof(RefusedException), typeof(FormatException)],
            "EngineNetwork", "EngineGateway", "EngineReport"),
    ];

    private static void Events(byte[] input)
    {
        Engine.Value.Answer = input;
        var subscriber = new Reported();
        Engine.Value.Client.FollowAsync(subscriber, CancellationToken.None).GetAwaiter().GetResult();
    }

    private static void Answers(byte[] input)
    {
        Engine.Value.Status = input is [(byte)'!', ..] ? "500 Error" : "200 OK";
        var choice = Targets.All.Choice(input is [(byte)'!', ..] ? input[1..] : input, 8, out var json);
        Engine.Value.Answer = json;
        var client = Engine.Value.Client;
        var none = CancellationToken.None;
        Task question = choice switch
        {
            0 => client.InspectAsync(Id, none),
            1 => client.ListAsync(null, none),
            2 => client.ReportAsync(EngineClient.LookUpLimit, none),
            3 => client.NamesAsync(EngineClient.LookUpLimit, none),
            4 => client.DescribeAsync(EngineClient.LookUpLimit, none),
            5 => client.ExitedAsync(none),
            6 => client.NetworkNamesAsync(none),
            _ => client.StopAsync(Id, none),
        };
        question.GetAwaiter().GetResult();
        _ = EngineVersion.Parse(Targets.All.Text(json));
        _ = EngineErrorText.Of(new(System.Net.HttpStatusCode.Conflict, Targets.All.Text(json)));
    }

    private static void Networks(byte[] input)
    {
        Engine.Value.Status = "200 OK";
        Engine.Value.Answer = input;
        var report = Engine.Value.Client.ReportAsync(EngineClient.LookUpLimit, CancellationToken.None).GetAwaiter().GetResult();
        foreach (var network in report.Networks.Values)
        {
            var described = new EngineNetwork(network, []);
            foreach (var pool in described.PoolCalls("cni"))
                _ = DockerDriver.Ipam.PoolOptions.ListName(pool);
            var call = described.Call("cni");
            _ = NetworkOptions.From(call);
        }
    }

    private sealed class Reported : IProgress<Message>
    {
        public void Report(Message value) => _ = value.Actor?.Attributes?.Count;
    }
}
