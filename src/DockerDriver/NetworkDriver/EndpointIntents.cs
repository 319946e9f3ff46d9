using System.Net;
using CniCore.Spec;
using DockerDriver.Dhcp;
using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Protocol;
using DockerDriver.State;

namespace DockerDriver.NetworkDriver;

/// <summary>What an endpoint is to be, by what CreateEndpoint says of it.</summary>
internal sealed partial class EndpointIntents(ReservedAddresses reserved, EngineVersion engine, Boot boot, ILogger<EndpointIntents> log)
{
    /// <exception cref="RefusedException">It asks for what its network does not give.</exception>
    public StoredEndpoint Of(CreateEndpoint call, StoredNetwork network)
    {
        var options = EndpointOptions.From(call.Options, network.List.Plugins.SelectMany(plugin => plugin.Capabilities).ToHashSet());
        if (!network.UsesListIpam && options.Ips.Count > 0)
            throw new RefusedException($"driver option '{EndpointOptions.IpsKey}' is for networks whose list chooses (--ipam-driver "
                + "null); on this one ask for an address with --ip");
        IReadOnlyList<string> addresses = [
            .. new[] { call.Interface?.Address, call.Interface?.AddressIPv6 }.OfType<string>().Where(address => address.Length > 0)];
        var remark = engine.WhyUnheard(call.Options?.Keys ?? []);
        if (remark is not null)
            Unheard(remark);
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

    // Where the list chooses the address, its plugins choose the MAC too.
    private static string MacOf(CreateEndpoint call, StoredNetwork network, IReadOnlyList<string> addresses)
    {
        var shares = Mac.IsShared(network.List);
        if (call.Interface?.MacAddress is { Length: > 0 } mac)
            return !shares ? mac : throw new RefusedException(
                $"an ipvlan interface has the MAC of its parent, and {mac} cannot be set: leave --mac-address away");
        return network.UsesListIpam || shares ? "" : Mac.For(FirstOf(addresses));
    }

    private static IPAddress? FirstOf(IReadOnlyList<string> addresses) =>
        addresses.Count == 0 ? null : CidrAddress.Parse(addresses[0]).Address;

    [LoggerMessage(LogLevel.Warning, "{Remark}")]
    private partial void Unheard(string remark);
}
