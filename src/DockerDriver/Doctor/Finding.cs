using System.Text.Json.Serialization;

namespace DockerDriver.Doctor;

/// <summary>What a check has seen.</summary>
/// <param name="Check">The check's name, for programs.</param>
/// <param name="State">How it is meant.</param>
/// <param name="Found">One line.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Mend">A shell command that mends it; empty where nothing is to be mended, or no command could.</param>
internal sealed record Finding(string Check, FindingState State, string Found, string Why, [property: JsonPropertyName("mend")] string Fix);
