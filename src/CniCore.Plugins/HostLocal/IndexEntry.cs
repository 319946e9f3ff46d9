namespace CniCore.Plugins.HostLocal;

/// <summary>What one owner got of us, and in which run of the kernel.</summary>
internal sealed record IndexEntry(string Boot, IReadOnlyList<AddressNumber> Addresses);
