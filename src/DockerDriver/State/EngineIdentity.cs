namespace DockerDriver.State;

/// <summary>
/// Which engine it is that speaks, as far as its networks go. Its id alone does not tell: up to Docker 23 it lies in
/// <c>/etc/docker/key.json</c>, outside of the data-root, and an engine with another data-root, or an empty one, has the same. The id of
/// its network <c>none</c> lies with all other networks in the data-root, is made once, and never changes.
/// </summary>
/// <param name="Id">The <c>ID</c> of <c>docker info</c>.</param>
/// <param name="None">The id of its network <c>none</c>.</param>
internal sealed record EngineIdentity(string Id, string None);
