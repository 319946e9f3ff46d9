namespace CniCore.Linux.Files;

/// <summary>Why a state file cannot be used.</summary>
public enum StateFileFault
{
    /// <summary>The file does not exist.</summary>
    Gone,

    /// <summary>The file cannot be read now, or is not a regular file.</summary>
    Unreadable,

    /// <summary>A later version wrote the file, and can read it.</summary>
    Later,

    /// <summary>The content is invalid.</summary>
    Corrupt,
}
