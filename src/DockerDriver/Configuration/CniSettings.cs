using CniCore.Runtime;

namespace DockerDriver.Configuration;

/// <summary>What of the settings concerns CniCore, in its own words.</summary>
internal static class CniSettings
{
    public static CniRuntimeOptions Runtime(this Settings settings) => new()
    {
        CacheFolder = settings.AttachmentsFolder,
        LockFolder = settings.LocksFolder,
        Admits = settings.Admits,
    };
}
