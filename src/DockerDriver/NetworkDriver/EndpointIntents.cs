using System.Net;
using CniCore.Spec;
using DockerDriver.Dhcp;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>Translates CreateEndpoint into the endpoint's first record.</summary>
internal sealed partial class EndpointIntents(ReservedAddresses reserved, EngineVersion engine, Boot boot, ILogger<EndpointIntents> log)
{
    /// <exception cref="RefusedException">It requests what its network does not support.</exception>
    public StoredEndpoint Of(CreateEndpointRequest call, StoredNetwork network)
    {
        var options = EndpointOptions.From(call.Options, network.List.Plugins.SelectMany(plugin => plugin.Capabilities).ToHashSet());
        if (!network.UsesListIpam && options.Ips.Count > 0)
            throw new RefusedException($"driver option '{EndpointOptions.IpsKey}' is for networks with --ipam-driver "
                + "null; on this network request an address with --ip");
        IReadOnlyList<string> addresses = [
            .. new[] { call.Interface?.Address, call.Interface?.AddressIPv6 }.OfType<string>().Where(address => address.Length > 0)];
        var remark = engine.IgnoredOptions(call.Options?.Keys ?? []);
        if (remark is not null)
            OptionsIgnored(remark);
        return new()
        {
            Id = call.EndpointId,
            NetworkId = network.Id,
            ListName = network.ListName,
            Addresses = addresses,
            Mac = MacOf(call, network, addresses),
            IsLeased = DhcpConfig.IsLeased(network.List),
            Ipam = network.Pools.Count > 0 ? reserved.Section(network, addresses) : null,
            ContainerName = network.Pools.Count > 0 ? reserved.ContainerOf(network, addresses) : "",
            RequestedIps = options.Ips,
            InterfaceName = options.InterfaceName,
            Remark = remark,
            Args = options.Args,
            Sysctls = EndpointOptions.Sysctls(call.Options),
            Capabilities = options.Capabilities,
            Boot = boot.Id,
        };
    }

    // Where the list's IPAM assigns the address, its plugins choose the MAC too.
    private static string MacOf(CreateEndpointRequest call, StoredNetwork network, IReadOnlyList<string> addresses)
    {
        var shares = Mac.IsShared(network.List);
        if (call.Interface?.MacAddress is { Length: > 0 } mac)
            return !shares ? mac : throw new RefusedException(
                $"an ipvlan interface has the MAC of its parent: remove --mac-address {mac}");
        return network.UsesListIpam || shares ? "" : Mac.For(FirstOf(addresses));
    }

    private static IPAddress? FirstOf(IReadOnlyList<string> addresses) =>
        addresses.Count == 0 ? null : CidrAddress.Parse(addresses[0]).Address;

    [LoggerMessage(LogLevel.Warning, "{Remark}")]
    private partial void OptionsIgnored(string remark);
}
