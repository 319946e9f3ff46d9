using DockerDriver.Background;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// Runs DELs in the background, first tries and retries: concurrently, one at a time per record, and a hanging plugin delays its own list
/// only.
/// </summary>
internal sealed partial class RetryQueue(TimeProvider clock, ILogger<RetryQueue> log)
{
    private readonly GroupedWorkQueue work = new();

    /// <summary>Whether its DEL should start: it has not failed, or its back-off is over.</summary>
    public bool IsDue(StoredAttachment record) => record.IsTearingDown && !IsBackingOff(record);

    /// <summary>Whether it waits between two tries.</summary>
    public bool IsBackingOff(StoredAttachment record) => clock.IsInFuture(record.NextTry);

    /// <summary>Starts the DEL unless it is running. The task completes when the try has ended, successful or not.</summary>
    /// <param name="record">The record to delete.</param>
    /// <param name="list">The name of its network list.</param>
    /// <param name="delete">Runs the DEL; stores and logs its own failure and the time of the next try.</param>
    public Task Start(StoredAttachment record, string list, Func<Task> delete) => work.Start(record.Id, list, async () =>
    {
        try
        {
            await delete();
        }
        catch (Exception fault)
        {
            LogFailedDelete(record.Id, fault.Message);
        }
    });

    [LoggerMessage(LogLevel.Debug, "the DEL of {Id} failed: {Reason}")]
    private partial void LogFailedDelete(string id, string reason);
}
