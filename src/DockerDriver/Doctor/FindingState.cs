namespace DockerDriver.Doctor;

/// <summary>The severity of a finding, in ascending order.</summary>
internal enum FindingState
{
    /// <summary>No problem.</summary>
    Ok,

    /// <summary>Some networks are affected, or something was left behind; others work.</summary>
    Warn,

    /// <summary>Containers get no networks, or not the right ones.</summary>
    Fail,
}
