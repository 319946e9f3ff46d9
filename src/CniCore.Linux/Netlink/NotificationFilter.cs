namespace CniCore.Linux.Netlink;

/// <summary>Whether a notification of a group is the expected one.</summary>
internal delegate bool NotificationFilter(ushort type, ReadOnlySpan<byte> body);
