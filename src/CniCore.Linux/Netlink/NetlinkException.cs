namespace CniCore.Linux.Netlink;

/// <summary>The kernel refused a netlink request; has its own words where it gives some (extended acknowledgement).</summary>
public sealed class NetlinkException(string operation, int errno, string? detail = null) : LinuxException(operation, errno, detail);
