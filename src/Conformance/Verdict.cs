namespace Conformance;

internal enum Verdict
{
    Pass,

    /// <summary>A must is not kept.</summary>
    Fail,

    /// <summary>A should, or a may, is not kept.</summary>
    Gap,

    /// <summary>Not for a plugin of this kind or of these versions, or it could not be tried; what was seen says why.</summary>
    Skip,
}
