namespace CniCore.Linux.Processes;

/// <summary>What ended a child.</summary>
public enum ProcessEnd
{
    /// <summary>It ended by itself.</summary>
    Itself,

    /// <summary>Its time was over; it was stopped.</summary>
    Deadline,

    /// <summary>The caller gave up; it was stopped.</summary>
    Cancelled,

    /// <summary>It wrote more than allowed; it was stopped.</summary>
    TooMuchOutput,
}
