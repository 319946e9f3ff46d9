namespace DockerDriver.Background;

/// <summary>Whether every loop of the daemon does its work.</summary>
internal sealed class BackgroundLoops(IEnumerable<BackgroundLoop> loops) : IReadinessPart
{
    public string Name => "background work";

    public Task<string?> WhyNotAsync(CancellationToken cancel)
    {
        List<string> faults = [.. loops.Where(loop => loop.Fault is not null).Select(loop => $"{loop.Work} fails: {loop.Fault}")];
        return Task.FromResult(faults.Count > 0 ? string.Join("; ", faults) : null);
    }
}
