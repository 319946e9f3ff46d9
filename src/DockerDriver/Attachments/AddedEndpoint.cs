using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>An endpoint whose ADD has succeeded, and its result.</summary>
internal sealed record AddedEndpoint(StoredEndpoint Endpoint, CniResult Result);
