using DockerDriver.Hosting;

namespace DockerDriver.Admin;

/// <summary>Whether the engine's API answers. Networks are served without it; what follows its events is not.</summary>
internal sealed class EngineAnswers(Settings settings) : IReadinessPart
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public string Name => "engine";

    public async Task<string?> WhyNotAsync(CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            using var docker = DockerApi.Connect(settings);
            await docker.System.PingAsync(patience.Token);
            return null;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return $"{settings.DockerHost} does not answer within {Patience.TotalSeconds} s";
        }
        catch (Exception fault) when (DockerApi.IsFault(fault))
        {
            return $"{settings.DockerHost} does not answer: {fault.Message}";
        }
    }
}
