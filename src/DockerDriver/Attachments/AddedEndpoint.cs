using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>An endpoint that ADD has made, and what ADD answered.</summary>
internal sealed record AddedEndpoint(StoredEndpoint Endpoint, CniResult Result);
