using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CniCore.Linux.Files;

namespace DockerDriver.Engine.Files;

/// <summary>
/// A container's image as the engine stores it on disk: for callers that must not use the API, and because the API does not always describe
/// the container's platform.
/// </summary>
internal static class EngineImage
{
    private const string Algorithm = "sha256:";

    // Registries accept an image configuration of up to 4 MiB; a container's has the labels and environment of the image and the user.
    private const int Limit = 16 * 1024 * 1024;

    /// <summary>The labels of a container's image, of its own platform.</summary>
    /// <param name="folder">The engine's folder of the container: ROOT/containers/ID.</param>
    /// <exception cref="IOException">They cannot be determined; one line.</exception>
    public static IReadOnlyDictionary<string, string> LabelsOf(string folder)
    {
        var container = Read(Path.Combine(folder, "config.v2.json"), EngineFilesJson.Default.ContainerOrigin);
        var root = Path.GetDirectoryName(Path.GetDirectoryName(folder))!;
        var image = Digest(container.Image) ?? throw new IOException($"{folder}/config.v2.json names no image");
        var config = Path.Combine(root, "image", Path.GetFileName(container.Driver ?? "-"), "imagedb/content/sha256", image);
        if (!File.Exists(config))
            config = InContentStore(root, Digest(container.ImageManifest?.Digest) ?? image);
        return Read(config, EngineFilesJson.Default.ImageFile).Config?.Labels ?? new Dictionary<string, string>();
    }

    // With containerd's image store, the platform's manifest names the configuration. Where the engine recorded no manifest, the image
    // itself is one.
    private static string InContentStore(string root, string manifest)
    {
        foreach (var store in (string[])[Path.Combine(root, "containerd/daemon"), "/var/lib/containerd"])
        {
            var blobs = Path.Combine(store, "io.containerd.content.v1.content/blobs/sha256");
            if (!File.Exists(Path.Combine(blobs, manifest)))
                continue;
            var config = Digest(Read(Path.Combine(blobs, manifest), EngineFilesJson.Default.ImageManifest).Config?.Digest);
            return config is not null ? Path.Combine(blobs, config)
                : throw new IOException($"the image {Algorithm}{manifest} has several platforms, and the engine did not record which");
        }
        throw new FileNotFoundException(
            $"the image {Algorithm}{manifest} is not in the engine's folder {root}: it was removed, or is stored elsewhere");
    }

    private static string? Digest(string? text) =>
        text?.StartsWith(Algorithm, StringComparison.Ordinal) == true && text[Algorithm.Length..] is { Length: 64 } hex
            && hex.All(char.IsAsciiHexDigitLower)
            ? hex : null;

    private static T Read<T>(string path, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(ForeignFile.ReadAllBytes(path, Limit), type) ?? throw new IOException($"{path} holds null");
        }
        catch (JsonException fault)
        {
            throw new IOException($"{path}: {fault.Message}", fault);
        }
    }
}
