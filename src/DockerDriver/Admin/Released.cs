using System.Text.Json.Serialization;

namespace DockerDriver.Admin;

/// <summary>The answer of <c>POST /release/ID</c>.</summary>
/// <param name="Lines">What has come of each attachment, for people.</param>
internal sealed record Released([property: JsonPropertyName("lines")] IReadOnlyList<string> Lines);
