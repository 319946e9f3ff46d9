namespace CniCore.Plugins.Firewall;

/// <summary>A member of a firewalld zone.</summary>
/// <param name="Zone">The zone.</param>
/// <param name="Kind"><c>interface</c> or <c>source</c>.</param>
/// <param name="Name">The interface's name; a source's address with its prefix length.</param>
public sealed record FirewalldMember(string Zone, string Kind, string Name);
