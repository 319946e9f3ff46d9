namespace Conformance;

/// <summary>The requirement level (RFC 2119).</summary>
internal enum Level
{
    Must,
    Should,
    May,
}
