namespace DockerDriver.Hosting.EngineFiles;

/// <summary>What a container was made from, by its <c>config.v2.json</c> (moby container/container.go).</summary>
/// <param name="Image">The image's id: of its configuration, or with containerd's image store of its index or manifest.</param>
/// <param name="Driver">The storage driver, which names the folder of the image store.</param>
/// <param name="ImageManifest">The manifest of its platform; null with the older image store.</param>
internal sealed record ContainerOrigin(string? Image, string? Driver, ContentDescriptor? ImageManifest);
