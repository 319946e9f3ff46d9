namespace Conformance;

internal enum Verdict
{
    Pass,

    /// <summary>A "must" is not met.</summary>
    Fail,

    /// <summary>A "should" or "may" is not met.</summary>
    Gap,

    /// <summary>It does not apply to the plugin's kind or versions, or could not be tested; the observation tells why.</summary>
    Skip,
}
