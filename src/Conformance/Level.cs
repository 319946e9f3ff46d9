namespace Conformance;

/// <summary>How strongly the spec says it (RFC 2119).</summary>
internal enum Level
{
    Must,
    Should,
    May,
}
