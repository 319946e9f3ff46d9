namespace DockerDriver.State;

/// <summary>
/// Identifies an engine together with its set of networks. The engine's id is not enough: up to Docker 23 it is stored in
/// <c>/etc/docker/key.json</c>, outside of the data-root, so that an engine with another or an empty data-root has the same id. The id of
/// the network <c>none</c> is stored in the data-root, is created once, and never changes.
/// </summary>
/// <param name="Id">The <c>ID</c> of <c>docker info</c>.</param>
/// <param name="None">The id of the engine's network <c>none</c>.</param>
internal sealed record EngineIdentity(string Id, string None);
