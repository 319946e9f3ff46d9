namespace CniCore.Linux.Nftables;

/// <summary>nft refused a transaction, of which nothing is in force, or is not installed.</summary>
public sealed class NftablesException(string message, Exception? inner = null) : IOException(message, inner);
