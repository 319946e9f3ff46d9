namespace DockerDriver.Doctor;

/// <summary>How a finding is meant. In the order of its gravity.</summary>
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Something is missing or in the way for some networks; others work.</summary>
    Warn,

    /// <summary>Containers do not get networks, or not the ones they should.</summary>
    Fail,
}
