using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Invoke;

/// <summary>
/// Answers to VERSION, which depend on nothing but the executable: it is asked once, also by many at the same time, until it is another
/// file. A failure is shared by those who waited for it, and not remembered.
/// </summary>
internal sealed class RememberedVersions
{
    private readonly Dictionary<string, Question> asked = new(StringComparer.Ordinal);

    /// <param name="path">The executable.</param>
    /// <param name="ask">Runs it.</param>
    /// <param name="cancel">Ends the wait; and the run, when nobody else waits for it.</param>
    public async Task<PluginAnswer> AnswerAsync(string path, Func<CancellationToken, Task<PluginAnswer>> ask, CancellationToken cancel)
    {
        var question = Join(path, ask);
        try
        {
            return await question.Answer.WaitAsync(cancel);
        }
        finally
        {
            Leave(path, question);
        }
    }

    private Question Join(string path, Func<CancellationToken, Task<PluginAnswer>> ask)
    {
        var file = FileVersion.At(path);
        lock (asked)
        {
            if (!asked.TryGetValue(path, out var question) || question.File != file)
                asked[path] = question = new(file, ask, new());
            question.Waiting++;
            return question;
        }
    }

    private void Leave(string path, Question question)
    {
        lock (asked)
        {
            if (--question.Waiting > 0 || question.Answer.IsCompletedSuccessfully)
                return;
            if (asked.GetValueOrDefault(path) == question)
                asked.Remove(path);
        }
        question.Stop();
    }

    private sealed class Question(FileVersion? file, Func<CancellationToken, Task<PluginAnswer>> ask, CancellationTokenSource stop)
    {
        public FileVersion? File => file;

        public Task<PluginAnswer> Answer { get; } = Task.Run(() => ask(stop.Token)); // not under the lock

        public int Waiting { get; set; }

        public void Stop() => stop.Cancel();
    }
}
