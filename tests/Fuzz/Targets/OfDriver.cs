using System.Text.Json;
using CniCore.Spec;
using DockerDriver.Admin;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Ipam;
using DockerDriver.Labels;
using DockerDriver.Listeners;
using DockerDriver.Lists;
using DockerDriver.NetworkDriver;
using DockerDriver.OciRuntime;
using DockerDriver.Protocol;
using Microsoft.AspNetCore.Http;

namespace Fuzz.Targets;

/// <summary>What Docker and users give the driver: calls, options, labels, settings, arguments.</summary>
internal static class OfDriver
{
    private static readonly Type[] Refusals = [typeof(BadHttpRequestException), typeof(RefusedException), typeof(CniException)];
    private static readonly HashSet<string> Asked = ["portMappings", "ips", "bandwidth"];

    public static IReadOnlyList<Target> All { get; } =
    [
        new("driver-request", Form.Json, Driver, Refusals,
            "DockerBody", "NetworkOptions", "DockerOptions", "BridgeOptions", "EndpointOptions", "CanonicalNames"),
        new("ipam-request", Form.Json, Ipam, Refusals, "DockerBody", "PoolOptions:ListName Choose"),
        new("admin-request", Form.Json, Admin, [typeof(BadHttpRequestException)],
            "AdminSocket:ReadAsync", "AdminClient:Parse", "AdminAnswer"),
        new("labels", Form.Text, Labels, [typeof(RefusedException)], "ContainerLabels", "PortLabel"),
        new("settings", Form.Json, Settings, [typeof(SettingsException)], "SettingsSources", "SettingKey"),
        new("runtime-arguments", Form.Text, input => _ = RuntimeArguments.Parse(Targets.All.Text(input).Split('\n')).CreatesContainer, [],
            "RuntimeArguments"),
    ];

    private static void Driver(byte[] input)
    {
        switch (Targets.All.Choice(input, 7, out var json))
        {
            case 0:
                var network = Body<CreateNetworkRequest>(json);
                _ = NetworkOptions.NamedList(network);
                _ = NetworkOptions.From(network);
                _ = NetworkPools.Of(network, []);
                break;
            case 1:
                var endpoint = Body<CreateEndpointRequest>(json);
                _ = EndpointOptions.From(endpoint.Options, Asked);
                _ = EndpointOptions.Sysctls(endpoint.Options);
                break;
            case 2: Ports(Body<JoinRequest>(json).Options); break;
            case 3: Ports(Body<ProgramExternalConnectivityRequest>(json).Options); break;
            case 4: _ = NetworkOptions.From(Body<GwAllocCheckRequest>(json).Options); break;
            case 5: _ = Body<EndpointRequest>(json); break;
            default: _ = Body<DeleteNetworkRequest>(json); break;
        }
    }

    private static void Ports(IReadOnlyDictionary<string, JsonElement>? options)
    {
        _ = EndpointOptions.Ports(options, "127.0.0.1");
        _ = EndpointOptions.MayProxy(options);
    }

    private static void Ipam(byte[] input)
    {
        switch (Targets.All.Choice(input, 4, out var json))
        {
            case 0:
                var call = Body<RequestPoolRequest>(json);
                _ = PoolOptions.ListName(call);
                var list = NetworkList.Parse("""{"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"bridge"}]}"""u8.ToArray());
                _ = PoolOptions.Choose(list, [new(System.Net.IPNetwork.Parse("10.1.0.0/16"), CidrAddress.Parse("10.1.0.1/16"))], call);
                break;
            case 1: _ = Body<ReleasePoolRequest>(json); break;
            case 2: _ = Body<RequestAddressRequest>(json); break;
            default: _ = Body<ReleaseAddressRequest>(json); break;
        }
    }

    private static void Admin(byte[] input)
    {
        if (Targets.All.Choice(input, 2, out var rest) == 0)
            _ = AttachRequest.ReadAsync(new MemoryStream(rest), CancellationToken.None).GetAwaiter().GetResult();
        else
            _ = AdminClient.Parse(rest)?.Reason;
    }

    private static void Labels(byte[] input)
    {
        var labels = Targets.All.Text(input).Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(pairs => pairs.Key, pairs => pairs.First()[1]);
        var read = new ContainerLabels(labels, "pods");
        _ = (read.KeepOnFailure, read.UseDefaultNetworks);
        if (read.RequestNetworks)
            _ = read.Parse();
    }

    private static void Settings(byte[] input)
    {
        using var folder = new InputFolder();
        _ = SettingsSources.Read(new Dictionary<string, string> { ["config"] = folder.Write("cnid.json", input) }, _ => null);
    }

    private static T Body<T>(byte[] json) where T : class
    {
        var context = new DefaultHttpContext { Request = { Body = new MemoryStream(json), Path = "/NetworkDriver.Call" } };
        return DockerBody<T>.BindAsync(context, null!).AsTask().GetAwaiter().GetResult()!.Body;
    }
}
