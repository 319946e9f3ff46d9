using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// DELs that nobody waits for, and those that are repeated: side by side, one at a time for a record, and a plugin that hangs holds up
/// nothing but its own list.
/// </summary>
internal sealed partial class RetryQueue(TimeProvider clock, ILogger<RetryQueue> log)
{
    private readonly GroupedWorkQueue work = new();

    /// <summary>Whether its DEL is to be begun: it has not failed, or has rested since.</summary>
    public bool IsDue(StoredAttachment record) => record.IsEnding && !IsResting(record);

    /// <summary>Whether it rests between two tries.</summary>
    public bool IsResting(StoredAttachment record) => clock.IsInFuture(record.NextTry);

    /// <summary>Begins, unless it is under way. What is returned completes when the try has ended, whatever came of it.</summary>
    /// <param name="record">Whose DEL it is.</param>
    /// <param name="list">Its network list.</param>
    /// <param name="delete">The DEL. What fails is stored and logged where it fails, with the time of the next try.</param>
    public Task Start(StoredAttachment record, string list, Func<Task> delete) => work.Start(record.Id, list, async () =>
    {
        try
        {
            await delete();
        }
        catch (Exception fault)
        {
            NotDeleted(record.Id, fault.Message);
        }
    });

    [LoggerMessage(LogLevel.Debug, "the DEL of {Id} failed: {Reason}")]
    private partial void NotDeleted(string id, string reason);
}
