using CniCore.Cache;
using DockerDriver.Lists;

namespace DockerDriver.Firewall;

/// <summary>Whether an attachment's published ports are still mapped.</summary>
internal static class PortRules
{
    /// <summary>
    /// Whether rules may stand for its ports: there is an attachment, and a plugin that was given them is not done with its DEL.
    /// </summary>
    public static bool MayStand(Attachment? attachment) =>
        attachment is not null && attachment.List.PluginsWithCapability(CapabilityNames.PortMappings)
            .Any(index => attachment.Done?.Contains(index) != true);
}
