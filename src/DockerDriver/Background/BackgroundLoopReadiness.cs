namespace DockerDriver.Background;

/// <summary>Whether every background loop works.</summary>
internal sealed class BackgroundLoopReadiness(IEnumerable<BackgroundLoop> loops) : IReadinessCheck
{
    public string Name => "background work";

    public Task<string?> NotReadyReasonAsync(CancellationToken cancel)
    {
        List<string> faults = [.. loops.Where(loop => loop.Fault is not null).Select(loop => $"{loop.Work} fails: {loop.Fault}")];
        return Task.FromResult(faults.Count > 0 ? string.Join("; ", faults) : null);
    }
}
