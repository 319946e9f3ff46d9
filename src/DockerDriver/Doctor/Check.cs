namespace DockerDriver.Doctor;

/// <summary>One thing that is looked at. Changes nothing.</summary>
/// <param name="name">For programs, and the first column of the table.</param>
/// <param name="why">Why it matters, where a finding does not say it better.</param>
internal abstract class Check(string name, string why)
{
    public string Name => name;

    /// <summary>What is seen; never empty.</summary>
    public abstract Task<IReadOnlyList<Finding>> LookAsync(ExaminedHost host, CancellationToken cancel);

    protected Finding Ok(string found) => new(name, FindingState.Ok, found, why, "");

    protected Finding Warn(string found, string mend, string? matters = null) => new(name, FindingState.Warn, found, matters ?? why, mend);

    protected Finding Fail(string found, string mend, string? matters = null) => new(name, FindingState.Fail, found, matters ?? why, mend);
}
