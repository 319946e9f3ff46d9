using DockerDriver.Background;

namespace DockerDriver.NetworkDriver;

/// <summary>Triggers a comparison of the networks with the engine's: a network was created, or an engine has started.</summary>
internal sealed class NetworkSignal : Signal;
