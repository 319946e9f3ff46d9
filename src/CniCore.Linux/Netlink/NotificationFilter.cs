namespace CniCore.Linux.Netlink;

/// <summary>Whether a message that the kernel told a group is the one waited for.</summary>
internal delegate bool NotificationFilter(ushort type, ReadOnlySpan<byte> body);
