using DockerDriver.Background;
using DockerDriver.Errors;
using DockerDriver.State;

namespace DockerDriver.Attachments;

/// <summary>
/// The lifecycle of an attachment: intent, ADD, result, DEL, retry. Endpoints, label containers and reservations share it. The intent is on
/// disk before ADD begins; the record is removed when DEL has succeeded. DEL follows a failed ADD at once; a failed DEL is retried with a
/// growing pause (<see cref="RetryQueue"/>). The caller holds the lock of the record.
/// </summary>
internal abstract class AttachmentLifecycle<T>(StateFolder<T> records, KeyedLocks locks, TimeProvider clock) where T : StoredAttachment
{
    protected StateFolder<T> Records { get; } = records;

    protected TimeProvider Clock { get; } = clock;

    public IReadOnlyCollection<T> All => Records.All;

    public T? Find(string id) => Records.Find(id);

    /// <summary>One operation at a time for a record.</summary>
    public Task<IDisposable> LockAsync(string id, CancellationToken cancel) => locks.TakeAsync(id, cancel);

    /// <summary>Stores the next state: it is on disk before the step that it names is taken.</summary>
    public T Save(T record)
    {
        Records.Save(record = Dated(record));
        return record;
    }

    /// <summary>Stores what happens whether it can be stored or not: what goes, goes on a full disk too.</summary>
    public T SaveBestEffort(T record)
    {
        Records.SaveBestEffort(record = Dated(record));
        return record;
    }

    /// <summary>
    /// Stores the next state, unless an operation is under way, or has changed it since it was judged. Answers whether it did.
    /// </summary>
    public bool TryReplace(T judged, T next)
    {
        using var held = locks.TryTake(judged.Id);
        if (next == judged || held is null || !ReferenceEquals(Find(judged.Id), judged))
            return false;
        Records.SaveBestEffort(next);
        return true;
    }

    /// <summary>DEL of all that was made for it, and the end of the record. Idempotent, with a time limit of its own.</summary>
    /// <returns>What has become of the record.</returns>
    public abstract Task<T> DeleteAsync(T record);

    /// <summary>DEL of what failed half-way.</summary>
    /// <exception cref="RefusedException">It failed as well, and is repeated; both reasons.</exception>
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

    /// <summary>ADD. What fails is undone.</summary>
    /// <param name="intent">What may be there from now on.</param>
    /// <param name="add">Runs the plugins.</param>
    /// <param name="reached">How far it has come when it fails; null where the intent says all.</param>
    /// <exception cref="RefusedException">It failed and could not be undone.</exception>
    protected async Task<TResult> AddAsync<TResult>(T intent, Func<T, Task<TResult>> add, Func<T, T>? reached = null)
    {
        try
        {
            intent = Save(intent);
        }
        catch
        {
            GiveUp(intent);
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

    /// <summary>DEL in one way or another.</summary>
    protected async Task<T> DeleteAsync(T record, Func<T, Task<T>> delete)
    {
        record = SaveBestEffort((T)record.Ending());
        try
        {
            return await delete(record);
        }
        catch (Exception fault)
        {
            record = Records.Find(record.Id) ?? record;
            if (await KeptAsync(record, fault) is not { } kept)
                return record;
            var failed = kept.FailedDels + 1;
            var pause = BackOff.OfDel.After(failed);
            if (fault.Message == kept.Fault)
                StillNotDeleted(kept, fault.Message, pause.TotalSeconds);
            else
                NotDeleted(kept, kept.AddFault is { } add ? FailureReasons.Of(add, fault.Message) : fault.Message, pause.TotalSeconds);
            SaveBestEffort((T)(kept with { Fault = fault.Message, FailedDels = failed, NextTry = Clock.GetUtcNow() + pause }));
            throw;
        }
    }

    /// <summary>Lets go of what was taken for an intent that could not be stored.</summary>
    protected virtual void GiveUp(T intent)
    {
    }

    /// <summary>What a DEL that failed leaves of the record; null where the record is gone all the same.</summary>
    protected virtual Task<T?> KeptAsync(T record, Exception fault) => Task.FromResult<T?>(record);

    protected virtual T Dated(T record) => (T)(record with { ChangedAt = Clock.GetUtcNow() });

    protected abstract void NotDeleted(T record, string reason, double seconds);

    protected abstract void StillNotDeleted(T record, string reason, double seconds);
}
