using System.Net;
using CniCore.Spec;

namespace DockerDriver.State;

/// <summary>What a generated network is, apart from its list: the bridge it stands on and who may talk over it.</summary>
/// <param name="Name">The bridge's interface name. It is made by the first attachment and goes with the network.</param>
/// <param name="Gateways">Docker's gateways with their prefix length, at most one a family.</param>
/// <param name="Internal">Nothing in, nothing out.</param>
/// <param name="Icc">Containers of the bridge reach each other.</param>
/// <param name="Masquerades">What goes out carries the host's address: the network's matter, not each attachment's, where the built-ins make the attachments.</param>
internal sealed record GeneratedBridge(string Name, IReadOnlyList<string> Gateways, bool Internal, bool Icc, bool Masquerades = false)
{
    /// <summary>The subnets of its gateways.</summary>
    public IEnumerable<IPNetwork> Subnets => Gateways.Select(gateway => CidrAddress.Parse(gateway).Network);
}
