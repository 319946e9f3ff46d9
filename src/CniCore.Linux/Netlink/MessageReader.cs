namespace CniCore.Linux.Netlink;

/// <summary>Reads one message of a list; null passes it over.</summary>
internal delegate T? MessageReader<T>(ReadOnlySpan<byte> body) where T : class;
