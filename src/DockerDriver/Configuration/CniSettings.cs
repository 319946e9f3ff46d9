using CniCore.Runtime;

namespace DockerDriver.Configuration;

/// <summary>The settings for CniCore.</summary>
internal static class CniSettings
{
    public static CniRuntimeOptions Runtime(this Settings settings) => new()
    {
        CacheFolder = settings.AttachmentsFolder,
        CopyFolder = settings.AttachmentCopiesFolder,
        LockFolder = settings.LocksFolder,
        Admits = settings.Admits,
    };
}
