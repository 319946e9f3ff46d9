namespace DockerDriver.Doctor;

/// <summary>A check of the host. It changes nothing.</summary>
/// <param name="name">Its name, for programs and for the table.</param>
/// <param name="why">Why it matters, unless a finding has its own reason.</param>
internal abstract class DoctorCheck(string name, string why)
{
    public string Name => name;

    /// <summary>The findings; never empty.</summary>
    public abstract Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel);

    protected DoctorFinding Ok(string found) => new(name, FindingState.Ok, found, why, "");

    protected DoctorFinding Warn(string found, string fix, string? reason = null) =>
        new(name, FindingState.Warn, found, reason ?? why, fix);

    protected DoctorFinding Fail(string found, string fix, string? reason = null) =>
        new(name, FindingState.Fail, found, reason ?? why, fix);
}
