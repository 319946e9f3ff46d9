namespace CniCore.Linux.Files;

/// <summary>Why a state file cannot be used.</summary>
public enum StateFileFault
{
    /// <summary>It is not there.</summary>
    Gone,

    /// <summary>The kernel does not let it be read, or it is no regular file. It may be readable another time.</summary>
    Unreadable,

    /// <summary>A later version has written it, which can read it.</summary>
    Later,

    /// <summary>What it holds is no state.</summary>
    Corrupt,
}
