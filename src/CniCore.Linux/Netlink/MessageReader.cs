namespace CniCore.Linux.Netlink;

/// <summary>Reads one message of a list; null skips it.</summary>
internal delegate T? MessageReader<T>(ReadOnlySpan<byte> body) where T : class;
