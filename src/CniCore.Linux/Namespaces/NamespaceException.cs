namespace CniCore.Linux.Namespaces;

/// <summary>A path is not a network namespace, or none could be created there.</summary>
public sealed class NamespaceException(string operation, int errno, string? detail = null) : LinuxException(operation, errno, detail);
