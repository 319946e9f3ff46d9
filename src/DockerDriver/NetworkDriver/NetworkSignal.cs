using DockerDriver.Background;

namespace DockerDriver.NetworkDriver;

/// <summary>Wakes whoever compares networks with the engine's: one was created, or an engine has started.</summary>
internal sealed class NetworkSignal : Signal;
