namespace CniCore.Linux.Nftables;

/// <summary>nftables refused a transaction (nothing of it is in force), or is not there.</summary>
public sealed class NftablesException(string message, Exception? inner = null) : IOException(message, inner);
