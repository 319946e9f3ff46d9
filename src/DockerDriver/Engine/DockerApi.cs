using System.Text.Json;
using Docker.DotNet;
using DockerDriver.Configuration;
using DockerDriver.Errors;

namespace DockerDriver.Engine;

/// <summary>The engine's API: how it is reached and asked, and what the ways in which it names things have in common.</summary>
internal static class DockerApi
{
    /// <summary>For a question whose answer the engine only has to look up. Thousands of containers take it seconds.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <exception cref="UriFormatException">The setting <c>docker-host</c> is no address.</exception>
    public static DockerClient Connect(Settings settings) => new DockerClientBuilder().WithEndpoint(new Uri(settings.DockerHost)).Build();

    /// <summary>
    /// Asks the engine. All that can go wrong on its side is one fault, whatever the client or the use of an answer throws: an engine
    /// that is stopped accepts and is silent, and a proxy before one that is down answers <c>null</c>, or what is no JSON.
    /// </summary>
    /// <param name="question">The call, and what is read of its answer: a part that is missing is the engine's fault too.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancel">Ends the question.</param>
    /// <exception cref="EngineException">There is no usable answer.</exception>
    /// <exception cref="OperationCanceledException">The caller has ended the question.</exception>
    public static async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> question, TimeSpan limit, CancellationToken cancel)
    {
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(limit);
        try
        {
            return await question(time.Token).WaitAsync(time.Token);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException fault)
        {
            throw new EngineException($"no answer within {limit.TotalSeconds} s", fault);
        }
        catch (Exception fault)
            when (fault is NullReferenceException or ArgumentNullException or JsonException or InvalidCastException or FormatException)
        {
            throw new EngineException($"its answer cannot be used: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is not EngineException)
        {
            throw new EngineException(fault.Message, fault);
        }
    }

    /// <summary>A container's name; null where it has none. A link gives it a second one, with the other's in it.</summary>
    public static string? NameOf(IEnumerable<string>? names) =>
        names?.Select(name => name.TrimStart('/')).FirstOrDefault(name => !name.Contains('/', StringComparison.Ordinal));
}
