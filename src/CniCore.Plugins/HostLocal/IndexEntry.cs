namespace CniCore.Plugins.HostLocal;

/// <summary>The addresses that one owner got from this plugin, and the id of the boot.</summary>
internal sealed record IndexEntry(string Boot, IReadOnlyList<AddressNumber> Addresses);
