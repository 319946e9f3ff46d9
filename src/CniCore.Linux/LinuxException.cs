using System.Runtime.InteropServices;

namespace CniCore.Linux;

/// <summary>A system call failed. The message says what was tried; <see cref="Errno"/> has the reason.</summary>
public class LinuxException : IOException
{
    /// <summary>Creates the exception from what was tried and the errno.</summary>
    public LinuxException(string operation, int errno, string? detail = null)
        : base(detail is { Length: > 0 }
            ? $"{operation}: {detail} ({Marshal.GetPInvokeErrorMessage(errno)})"
            : $"{operation}: {Marshal.GetPInvokeErrorMessage(errno)}") =>
        Errno = errno;

    /// <summary>The errno, positive.</summary>
    public int Errno { get; }
}
