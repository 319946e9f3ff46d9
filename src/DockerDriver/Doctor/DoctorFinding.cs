using System.Text.Json.Serialization;

namespace DockerDriver.Doctor;

/// <summary>A result of a check.</summary>
/// <param name="Check">The check's name, for programs.</param>
/// <param name="State">Its severity.</param>
/// <param name="Found">What was found, in one line.</param>
/// <param name="Why">Why it matters.</param>
/// <param name="Fix">A shell command that fixes it; empty where nothing is wrong, or no command can.</param>
internal sealed record DoctorFinding(string Check, FindingState State, string Found, string Why,
    [property: JsonPropertyName("mend")] string Fix);
