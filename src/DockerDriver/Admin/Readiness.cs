using DockerDriver.Background;
using DockerDriver.Protocol;

namespace DockerDriver.Admin;

/// <summary>Evaluates all conditions of readiness.</summary>
internal sealed class Readiness(IEnumerable<IReadinessCheck> parts)
{
    public async Task<ReadinessReport> ReportAsync(CancellationToken cancel)
    {
        var asked = await Task.WhenAll(parts.Select(async part => (part.Name, Why: await part.NotReadyReasonAsync(cancel))));
        var notReady = asked.Where(part => part.Why is not null).ToDictionary(part => part.Name, part => part.Why!);
        return new(notReady.Count == 0, notReady);
    }
}
