namespace CniCore.Linux.Netlink;

/// <summary>The kernel refused a netlink request. The message has the kernel's text if there is one (extended acknowledgement).</summary>
public sealed class NetlinkException(string operation, int errno, string? detail = null) : LinuxException(operation, errno, detail);
