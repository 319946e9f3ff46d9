namespace CniCore.Linux.Processes;

/// <summary>Why a child ended.</summary>
public enum ProcessEnd
{
    /// <summary>The child ended by itself.</summary>
    Itself,

    /// <summary>The child exceeded its time, and was killed.</summary>
    Deadline,

    /// <summary>The caller cancelled, and the child was killed.</summary>
    Cancelled,

    /// <summary>The child exceeded its output limit, and was killed.</summary>
    TooMuchOutput,
}
