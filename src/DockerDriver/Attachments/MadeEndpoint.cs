using CniCore.Spec;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>An endpoint that ADD has made, and what ADD answered.</summary>
internal sealed record MadeEndpoint(StoredEndpoint Endpoint, CniResult Result);
