namespace DockerDriver.Doctor;

/// <summary>One thing that is looked at. Changes nothing.</summary>
/// <param name="name">For programs, and the first column of the table.</param>
/// <param name="why">Why it matters, where a finding does not say it better.</param>
internal abstract class Check(string name, string why)
{
    public string Name => name;

    /// <summary>What is seen; never empty.</summary>
    public abstract Task<IReadOnlyList<Finding>> LookAsync(DoctorContext host, CancellationToken cancel);

    protected Finding Ok(string found) => new(name, FindingState.Ok, found, why, "");

    protected Finding Warn(string found, string fix, string? reason = null) => new(name, FindingState.Warn, found, reason ?? why, fix);

    protected Finding Fail(string found, string fix, string? reason = null) => new(name, FindingState.Fail, found, reason ?? why, fix);
}
