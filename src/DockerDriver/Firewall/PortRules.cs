using CniCore.Cache;
using DockerDriver.Lists;

namespace DockerDriver.Firewall;

/// <summary>Whether rules for an attachment's published ports may exist.</summary>
internal static class PortRules
{
    /// <summary>True if there is an attachment, and a plugin with the port mappings whose DEL has not succeeded.</summary>
    public static bool MayExist(Attachment? attachment) =>
        attachment is not null && attachment.List.PluginsWithCapability(CapabilityNames.PortMappings)
            .Any(index => attachment.Done?.Contains(index) != true);
}
