using System.Text.Json;
using CniCore.Linux.Files;
using DockerDriver.Engine.Files;

namespace DockerDriver.OciRuntime;

/// <summary>
/// A container as the engine stored it before the start. The API cannot be used meanwhile: an inspect waits for the start to end, and
/// during its own start the engine does not answer until its containers run (docs/design/007-runtime-wrapper.md).
/// </summary>
/// <param name="Folder">Docker's folder of the container.</param>
/// <param name="Name">Its name.</param>
/// <param name="NetworkMode">The value of <c>docker run --network</c>.</param>
/// <param name="Labels">All of them.</param>
internal sealed record ContainerOnDisk(string Folder, string Name, string NetworkMode, IReadOnlyDictionary<string, string> Labels)
{
    private const string ConfigFile = "config.v2.json";
    private const string HostConfigFile = "hostconfig.json";

    // It has labels and environment of the user and the image; the engine accepts no command line or image of that size.
    private const int Limit = 16 * 1024 * 1024;

    /// <summary><c>-p</c> and <c>-P</c>, in the form of the label <c>cni.ports</c>.</summary>
    public IReadOnlyList<string> Published { get; private init; } = [];

    public bool IsOnNone => NetworkMode == "none";

    /// <summary>The container of a bundle; null where Docker did not create it.</summary>
    /// <exception cref="OciRuntimeException">Its files cannot be read.</exception>
    public static ContainerOnDisk? Find(Bundle bundle, string id) => FolderOf(bundle, id) is { } folder ? Read(folder) : null;

    /// <exception cref="OciRuntimeException">Its files cannot be read.</exception>
    public static ContainerOnDisk Read(string folder)
    {
        try
        {
            var config = JsonSerializer.Deserialize(Read(folder, ConfigFile), OciJson.Default.EngineConfig);
            var host = JsonSerializer.Deserialize(Read(folder, HostConfigFile), OciJson.Default.EngineHostConfig);
            return new(folder, config?.Name?.TrimStart('/')
                ?? "", host?.NetworkMode ?? "", config?.Config?.Labels ?? new Dictionary<string, string>())
            {
                Published = PublishedPorts.Of(
                    (host?.PortBindings ?? new Dictionary<string, IReadOnlyList<EnginePortBinding>?>())
                        .Select(mapping =>
                            KeyValuePair.Create(mapping.Key, (mapping.Value ?? []).Select(binding => (binding.HostIp, binding.HostPort)))),
                    host?.PublishAllPorts == true ? config?.Config?.ExposedPorts?.Keys ?? [] : []),
            };
        }
        catch (Exception fault) when (fault is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new OciRuntimeException($"the labels of the container cannot be read from {folder}: {fault.Message}", fault);
        }
    }

    private static byte[] Read(string folder, string file) => ForeignFile.ReadAllBytes(Path.Combine(folder, file), Limit);

    // The engine mounts files of that folder in every container (hosts, hostname, resolv.conf, /dev/shm), wherever its root is:
    // ROOT/containers/ID/hosts. A user's mount may look similar, but its folder has no config.v2.json.
    private static string? FolderOf(Bundle bundle, string id)
    {
        foreach (var source in bundle.MountSources)
        {
            for (var folder = Path.GetDirectoryName(source); folder is { Length: > 1 }; folder = Path.GetDirectoryName(folder))
            {
                if (Path.GetFileName(Path.GetDirectoryName(folder)) == "containers" && Path.GetFileName(folder) == id
                    && File.Exists(Path.Combine(folder, ConfigFile)))
                    return folder;
            }
        }
        return null;
    }
}
