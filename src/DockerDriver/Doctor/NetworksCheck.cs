using DockerDriver.Engine;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Doctor;

/// <summary>Compares Docker's networks with cnid's.</summary>
internal sealed class NetworksCheck()
    : DoctorCheck(
    "networks",
    "containers of a network that only Docker has do not start; a network that only cnid has keeps its bridge and its addresses")
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    // From CreateNetwork's answer until the engine lists the network.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(20);

    public override async Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        EngineReport report;
        try
        {
            using var engine = new EngineClient(host.Settings);
            report = await engine.ReportAsync(Timeout, cancel);
        }
        catch (EngineException fault)
        {
            return [Warn($"{host.Networks.Count} networks; the engine's are not known: {fault.Message}",
                ServiceCommand.Start("docker", "dockerd"))];
        }
        var driver = Path.GetFileNameWithoutExtension(host.Settings.PluginSocket);
        var known = host.Networks.Select(network => network.Id).ToHashSet(StringComparer.Ordinal);
        List<DoctorFinding> findings =
        [
            .. report.Networks.Values.Where(network => network.Driver == driver && !network.ConfigOnly && !known.Contains(network.ID))
                .Select(network =>
                    Fail($"the network {network.Name} ({ShortId.Of(network.ID)}) is unknown to cnid",
                        "cnid health --ready # says why it cannot be rebuilt")),
            .. host.Networks.Where(network => !report.Networks.ContainsKey(network.Id)
                && TimeProvider.System.GetUtcNow() - network.CreatedAt > Grace)
                .Select(network => Kept(network, report)),
            .. host.Networks.Where(network => network.Remark is not null)
                .Select(network =>
                Warn($"{ShortId.Of(network.Id)}: {network.Remark}", $"cnid inspect {ShortId.Of(network.Id)}",
                    "containers of one network may differ")),
        ];
        return findings.Count > 0
            ? findings
            : [Ok($"{host.Networks.Count} network{(host.Networks.Count == 1 ? "" : "s")}, each as Docker has it")];
    }

    private DoctorFinding Kept(StoredNetwork network, EngineReport report) => Warn(
        $"{ShortId.Of(network.Id)} (list {network.ListName}) is stored; the engine does not have "
        + $"it{(network.Engine == report.Identity ? "" : ", and is not known to have had it")}",
        $"cnid network forget {ShortId.Of(network.Id)}",
        "its bridge and its addresses remain in use");
}
