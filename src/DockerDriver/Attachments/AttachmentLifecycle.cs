using DockerDriver.Background;
using DockerDriver.Errors;
using DockerDriver.Logging;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// The lifecycle of an attachment: intent, ADD, result, DEL, retry. Endpoints, label containers and reservations share it. The intent is on
/// disk before ADD begins; the record is removed when DEL has succeeded. DEL follows a failed ADD at once; a failed DEL is retried with a
/// growing pause (<see cref="RetryQueue"/>). The caller holds the lock of the record.
/// </summary>
internal abstract class AttachmentLifecycle<T>(StateFolder<T> records, KeyedLocks locks, TimeProvider clock) where T : StoredAttachment
{
    // Docker's call has 25 s, most of which ADD needs.
    private static readonly TimeSpan PreviousLimit = TimeSpan.FromSeconds(10);

    protected StateFolder<T> Records { get; } = records;

    protected TimeProvider Clock { get; } = clock;

    public IReadOnlyCollection<T> All => Records.All;

    public T? Find(string id) => Records.Find(id);

    /// <summary>Takes the record's lock: one operation at a time.</summary>
    public Task<IDisposable> LockAsync(string id, CancellationToken cancel) => locks.TakeAsync(id, cancel);

    /// <summary>Stores the next state, on disk before the step that it names is taken.</summary>
    public T Save(T record)
    {
        Records.Save(record = Timestamped(record));
        return record;
    }

    /// <summary>Stores the next state even if the disk cannot be written: a full disk must not prevent a teardown.</summary>
    public T SaveBestEffort(T record)
    {
        Records.SaveBestEffort(record = Timestamped(record));
        return record;
    }

    /// <summary>Stores the next state if no operation is under way and the record is unchanged. Returns whether it did.</summary>
    public bool TryReplace(T judged, T next)
    {
        using var held = locks.TryTake(judged.Id);
        if (next == judged || held is null || !ReferenceEquals(Find(judged.Id), judged))
            return false;
        Records.SaveBestEffort(next);
        return true;
    }

    /// <summary>Runs DEL for everything that was added, and removes the record. Idempotent; has a time limit of its own.</summary>
    /// <returns>The last state of the record.</returns>
    public abstract Task<T> DeleteAsync(T record);

    /// <summary>Runs DEL after a failure.</summary>
    /// <exception cref="RefusedException">DEL failed too, and will be retried; has both reasons.</exception>
    public async Task UndoAsync(T record, Exception fault)
    {
        try
        {
            await DeleteAsync((T)(record with { AddFault = fault is OperationCanceledException ? null : fault.Message }));
        }
        catch (Exception undo)
        {
            if (fault is not OperationCanceledException) // else nobody waits for the reason; it is stored
                throw new RefusedException(FailureReasons.Of(fault.Message, undo.Message));
        }
    }

    /// <summary>Stores the intent and runs ADD; a failure is undone.</summary>
    /// <param name="intent">The record with everything that ADD may create.</param>
    /// <param name="add">Runs the plugins.</param>
    /// <param name="reached">Updates the intent after a failure, for what is known by then; null where the intent is complete.</param>
    /// <exception cref="RefusedException">ADD failed and could not be undone.</exception>
    protected async Task<TResult> AddAsync<TResult>(T intent, Func<T, Task<TResult>> add, Func<T, T>? reached = null)
    {
        try
        {
            intent = Save(intent);
        }
        catch
        {
            ReleaseHeld(intent);
            throw;
        }
        try
        {
            return await add(intent);
        }
        catch (Exception fault)
        {
            await UndoAsync(reached is null ? intent : reached(intent), fault);
            throw;
        }
    }

    /// <summary>Runs DEL in the given way, with the bookkeeping of failures.</summary>
    protected async Task<T> DeleteAsync(T record, Func<T, Task<T>> delete)
    {
        record = SaveBestEffort((T)record.WithTeardown());
        try
        {
            return await delete(record);
        }
        catch (Exception fault)
        {
            record = Records.Find(record.Id) ?? record;
            if (await AfterFailedDeleteAsync(record, fault) is not { } kept)
                return record;
            var failed = kept.FailedDels + 1;
            var pause = BackOff.OfDel.After(failed);
            if (fault.Message == kept.Fault)
                LogRepeatedFailedDelete(kept, fault.Message, pause.TotalSeconds);
            else
                LogFailedDelete(kept, kept.AddFault is { } add ? FailureReasons.Of(add, fault.Message) : fault.Message, pause.TotalSeconds);
            SaveBestEffort((T)(kept with { Fault = fault.Message, FailedDels = failed, NextTry = Clock.GetUtcNow() + pause }));
            throw;
        }
    }

    /// <summary>
    /// Waits for the teardown of records that hold what a new one requests, at most <see cref="PreviousLimit"/>. After that, ADD
    /// reports the conflict.
    /// </summary>
    /// <param name="id">The id of the new record.</param>
    /// <param name="isConflict">Whether a record holds what the new one requests.</param>
    /// <param name="tearDown">Tears a record down, under its lock.</param>
    /// <param name="cancel">Cancels the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    protected async Task AwaitPreviousAsync(string id, Func<T, bool> isConflict, Func<T, Task> tearDown, CancellationToken cancel)
    {
        var previous = Records.All.Where(other => other.IsTearingDown && other.Id != id && isConflict(other)).ToList();
        if (previous.Count == 0)
            return;
        AwaitsPrevious(string.Join(", ", previous.Select(other => ShortId.Of(other.Id))));
        await Task.WhenAll(previous.Select(other => Task.Run(() => tearDown(other), CancellationToken.None)))
            .WaitAsync(PreviousLimit, Clock, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>Logs the records for which a new one waits.</summary>
    protected virtual void AwaitsPrevious(string previous)
    {
    }

    /// <summary>Releases what was reserved for an intent that could not be stored.</summary>
    protected virtual void ReleaseHeld(T intent)
    {
    }

    /// <summary>The record after a failed DEL; null where it was removed in spite of it.</summary>
    protected virtual Task<T?> AfterFailedDeleteAsync(T record, Exception fault) => Task.FromResult<T?>(record);

    protected virtual T Timestamped(T record) => (T)(record with { ChangedAt = Clock.GetUtcNow() });

    protected abstract void LogFailedDelete(T record, string reason, double seconds);

    protected abstract void LogRepeatedFailedDelete(T record, string reason, double seconds);
}
