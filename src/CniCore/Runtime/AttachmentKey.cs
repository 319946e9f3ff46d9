using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>An attachment within a network, as GC is told of it.</summary>
public readonly record struct AttachmentKey(ContainerId ContainerId, InterfaceName IfName);
