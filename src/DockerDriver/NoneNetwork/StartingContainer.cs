namespace DockerDriver.NoneNetwork;

/// <summary>A container whose namespace is there and whose first process waits.</summary>
/// <param name="Id">Docker's full id.</param>
/// <param name="NetNs">Path of its network namespace, such as <c>/proc/PID/ns/net</c>.</param>
/// <param name="Pid">Its first process, in this daemon's process namespace.</param>
internal sealed record StartingContainer(string Id, string NetNs, int Pid);
