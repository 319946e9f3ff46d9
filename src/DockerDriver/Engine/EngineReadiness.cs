using DockerDriver.Background;
using DockerDriver.Configuration;
using DockerDriver.Errors;

namespace DockerDriver.Engine;

/// <summary>Whether the engine's API answers. Networks are served without it; work that follows its events is not.</summary>
internal sealed class EngineReadiness(Settings settings, EngineClient engine) : IReadinessCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    public string Name => "engine";

    public async Task<string?> NotReadyReasonAsync(CancellationToken cancel)
    {
        try
        {
            await engine.PingAsync(Timeout, cancel);
            return null;
        }
        catch (EngineException fault)
        {
            return $"{settings.DockerHost} does not answer: {fault.Message}";
        }
    }
}
