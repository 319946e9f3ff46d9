namespace DockerDriver.Doctor;

/// <summary>Runs all checks, one after the other. A check that throws is a finding too.</summary>
internal static class DoctorRun
{
    private static readonly IReadOnlyList<DoctorCheck> Checks =
    [
        new EngineCheck(),
        new SocketsCheck(),
        new LinkKindsCheck(),
        new NftablesCheck(),
        new IptablesCheck(),
        new ForwardPolicyCheck(),
        new RulesCheck(),
        new BridgeNfCheck(),
        new ForwardingCheck(),
        new PluginsCheck(),
        new ListsCheck(),
        new NetworksCheck(),
        new AttachmentsCheck(),
        new OrphansCheck(),
        new StateCheck(),
    ];

    public static async Task<IReadOnlyList<DoctorFinding>> OfAsync(DoctorContext host, CancellationToken cancel)
    {
        var findings = new List<DoctorFinding>();
        foreach (var check in Checks)
        {
            try
            {
                findings.AddRange(await check.RunAsync(host, cancel));
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                findings.Add(new(check.Name, FindingState.Fail, $"the check failed: {fault.Message}",
                    "its result is unknown; the doctor needs root and the host's namespaces", ""));
            }
        }
        return findings;
    }
}
