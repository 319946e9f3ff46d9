using Docker.DotNet;
using Docker.DotNet.Models;
using DockerDriver.Configuration;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.NetworkDriver;

namespace DockerDriver.Import;

/// <summary>Creates the imported network with the engine's API.</summary>
internal static class EngineNetworks
{
    /// <returns>The network's id.</returns>
    /// <exception cref="RefusedException">The engine, or cnid behind it, refuses; has its message.</exception>
    public static async Task<string> CreateAsync(Settings settings, ImportPlan plan, CancellationToken cancel)
    {
        try
        {
            using var engine = new EngineClient(settings);
            // Before Docker 25 two networks could have the same name; its API leaves the check to the client.
            if ((await engine.NetworkNamesAsync(cancel)).Contains(plan.Name))
                throw new RefusedException($"Docker already has a network named {plan.Name}; use another name with --as NAME");
            return await engine.CreateNetworkAsync(Parameters(plan), cancel);
        }
        catch (EngineException fault) when (fault.InnerException is DockerApiException refusal)
        {
            throw new RefusedException($"Docker refuses to create the network: {EngineErrorText.Of(refusal)}");
        }
        catch (EngineException fault)
        {
            throw new RefusedException($"{settings.DockerHost} does not answer: {fault.Message}");
        }
    }

    private static NetworksCreateParameters Parameters(ImportPlan plan) => new()
    {
        Name = plan.Name,
        Driver = plan.Driver,
        EnableIPv6 = plan.HasIPv6Pool,
        Options = new Dictionary<string, string> { [NetworkOptions.ListKey] = plan.ListName },
        Labels = plan.Labels.ToDictionary(),
        IPAM = new IPAM
        {
            Driver = plan.IpamDriver ?? "default",
            Options = plan.IpamOptions.ToDictionary(),
            Config = [.. plan.Pools.Select(pool => new IPAMConfig { Subnet = pool.Network.ToString(), Gateway = pool.Gateway.ToString() })],
        },
    };
}
