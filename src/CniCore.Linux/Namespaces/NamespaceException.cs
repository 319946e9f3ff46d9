namespace CniCore.Linux.Namespaces;

/// <summary>A path is not a network namespace, or one could not be made there.</summary>
public sealed class NamespaceException(string operation, int errno, string? detail = null) : LinuxException(operation, errno, detail);
