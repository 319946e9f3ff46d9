using System.Runtime.InteropServices;

namespace CniCore.Linux;

/// <summary>The kernel refused. Says what was asked of it and carries its errno.</summary>
public class LinuxException : IOException
{
    /// <summary>Makes the fault from what was tried and the kernel's errno.</summary>
    public LinuxException(string operation, int errno, string? detail = null)
        : base(detail is { Length: > 0 }
            ? $"{operation}: {detail} ({Marshal.GetPInvokeErrorMessage(errno)})"
            : $"{operation}: {Marshal.GetPInvokeErrorMessage(errno)}") =>
        Errno = errno;

    /// <summary>The kernel's errno, positive.</summary>
    public int Errno { get; }
}
