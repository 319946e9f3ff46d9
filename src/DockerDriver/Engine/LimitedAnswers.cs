namespace DockerDriver.Engine;

/// <summary>Limits the engine's answers: the client reads an answer whole, and an event to its end, however long.</summary>
internal sealed class LimitedAnswers(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // A list of ten thousand containers has some 50 MB; an event has the labels of one container.
    private const int AnswerLimit = 256 * 1024 * 1024;
    private const int EventLimit = 4 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = await base.SendAsync(request, cancellationToken);
        var areEvents = request.RequestUri!.AbsolutePath.EndsWith("/events", StringComparison.Ordinal);
        var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var limited = new StreamContent(new LimitedAnswer(stream, areEvents ? EventLimit : AnswerLimit, areEvents));
        foreach (var (name, values) in answer.Content.Headers.NonValidated)
            limited.Headers.TryAddWithoutValidation(name, values);
        answer.Content = limited;
        return answer;
    }
}
