using DockerDriver.Attachments;
using DockerDriver.Errors;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.Attachments;

/// <summary>Intent, ADD, undo, DEL, retry: the state on disk at each step, for every kind of attachment.</summary>
public sealed class AttachmentLifecycleTests : IDisposable
{
    private static readonly StoredReservation Intent = new() { Id = "r1", ListName = "pods" };

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;
    private readonly StateFolder<StoredReservation> records;
    private readonly Clock clock = new();
    private readonly Life lifecycle;

    public AttachmentLifecycleTests()
    {
        records = new(folder, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance);
        lifecycle = new(records, clock);
    }

    public void Dispose()
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Add_StoresTheIntentFirst_AndReturnsTheResult()
    {
        var onDisk = await lifecycle.AddAsync(Intent, () => records.Peek("r1"));

        Assert.Equal(ReservationPhase.Reserving, onDisk?.Phase);
        Assert.Equal(clock.GetUtcNow(), onDisk?.ChangedAt);
        Assert.NotNull(records.Find("r1"));
    }

    [Fact]
    public async Task Add_WhoseIntentCannotBeStored_RunsNothing_AndReleasesWhatWasReserved()
    {
        Directory.Delete(folder);
        await File.WriteAllTextAsync(folder, "", TestContext.Current.CancellationToken);
        try
        {
            await Assert.ThrowsAnyAsync<IOException>(
                () => lifecycle.AddAsync<int>(Intent, () => throw new InvalidOperationException("it ran")));
            Assert.Equal(["given up"], lifecycle.Done);
        }
        finally
        {
            File.Delete(folder);
        }
    }

    [Fact]
    public async Task Add_ThatFails_IsUndone_AndLeavesNoRecord()
    {
        var fault = await Assert.ThrowsAsync<RefusedException>(
            () => lifecycle.AddAsync<int>(Intent, () => throw new RefusedException("no")));

        Assert.Equal("no", fault.Message);
        Assert.Equal(["deleted in phase Releasing"], lifecycle.Done);
        Assert.Null(records.Find("r1"));
    }

    [Fact]
    public async Task Add_ThatFailsAndCannotBeUndone_ReportsBothReasons_AndItsRecordBacksOff()
    {
        lifecycle.Fault = "busy";
        var fault = await Assert.ThrowsAsync<RefusedException>(
            () => lifecycle.AddAsync<int>(Intent, () => throw new RefusedException("no")));

        Assert.Contains("no", fault.Message, StringComparison.Ordinal);
        Assert.Contains("busy", fault.Message, StringComparison.Ordinal);
        var record = records.Peek("r1")!;
        Assert.Equal(("no", "busy", 1), (record.AddFault, record.Fault, record.FailedDels));
        Assert.True(record.IsTearingDown);
        Assert.Equal(clock.GetUtcNow() + TimeSpan.FromSeconds(30), record.NextTry);
    }

    [Fact]
    public async Task Add_ThatIsCancelled_IsUndone_AndStoresNoFault()
    {
        lifecycle.Fault = "busy";
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            lifecycle.AddAsync<int>(Intent, () => throw new OperationCanceledException()));

        Assert.Null(records.Find("r1")!.AddFault);
        Assert.True(records.Find("r1")!.IsTearingDown);
    }

    [Fact]
    public async Task Delete_ThatFailsAgain_DoublesThePause_UntilItSucceeds()
    {
        lifecycle.Fault = "busy";
        await Assert.ThrowsAsync<IOException>(() => lifecycle.DeleteAsync(Intent));
        await Assert.ThrowsAsync<IOException>(() => lifecycle.DeleteAsync(records.Find("r1")!));

        Assert.Equal(2, records.Find("r1")!.FailedDels);
        Assert.Equal(clock.GetUtcNow() + TimeSpan.FromSeconds(60), records.Find("r1")!.NextTry);
        Assert.Equal(["not deleted: busy, 30 s", "still not deleted: busy, 60 s"], lifecycle.Done);

        lifecycle.Fault = null;
        await lifecycle.DeleteAsync(records.Find("r1")!);
        Assert.Null(records.Peek("r1"));
    }

    [Fact]
    public async Task Delete_ThatFails_WhereTheRecordGoesAllTheSame_Succeeds()
    {
        (lifecycle.Fault, lifecycle.GoesAnyway) = ("busy", true);
        await lifecycle.DeleteAsync(Intent);
    }

    [Fact]
    public void RetryQueue_RecordIsDue_AfterItsPause()
    {
        var retries = new RetryQueue(clock, NullLogger<RetryQueue>.Instance);
        var ending = Intent.WithTeardown();

        Assert.False(retries.IsDue(Intent));
        Assert.True(retries.IsDue(ending));
        ending = ending with { NextTry = clock.GetUtcNow() + TimeSpan.FromSeconds(30) };
        Assert.False(retries.IsDue(ending));
        clock.Now += TimeSpan.FromSeconds(30);
        Assert.True(retries.IsDue(ending));
    }

    [Fact]
    public async Task RetryQueue_DelThatFails_DelaysNoOther_AndOneThatRunsIsNotStartedAgain()
    {
        var retries = new RetryQueue(clock, NullLogger<RetryQueue>.Instance);
        var under = new TaskCompletionSource();
        var first = retries.Start(Intent, "pods", () => under.Task);
        var again = retries.Start(Intent, "pods", () => throw new InvalidOperationException("begun again"));
        await retries.Start(Intent with { Id = "r2" }, "pods", () => throw new IOException("busy"));

        Assert.Same(first, again);
        under.SetResult();
        await first;
    }

    private sealed class Life(StateFolder<StoredReservation> records, TimeProvider clock)
        : AttachmentLifecycle<StoredReservation>(records, new(clock), clock)
    {
        public List<string> Done { get; } = [];

        public string? Fault { get; set; }

        public bool GoesAnyway { get; set; }

        public Task<TResult> AddAsync<TResult>(StoredReservation intent, Func<TResult> add) =>
            AddAsync(intent, _ => Task.Run(add, TestContext.Current.CancellationToken));

        public override Task<StoredReservation> DeleteAsync(StoredReservation record) => DeleteAsync(record, reservation =>
        {
            if (Fault is not null)
                throw new IOException(Fault);
            Done.Add($"deleted in phase {reservation.Phase}");
            Records.Remove(reservation.Id);
            return Task.FromResult(reservation);
        });

        protected override void ReleaseHeld(StoredReservation intent) => Done.Add("given up");

        protected override Task<StoredReservation?> AfterFailedDeleteAsync(StoredReservation record, Exception fault) =>
            Task.FromResult(GoesAnyway ? null : record);

        protected override void LogFailedDelete(StoredReservation record, string reason, double seconds) =>
            Done.Add($"not deleted: {reason}, {seconds} s");

        protected override void LogRepeatedFailedDelete(StoredReservation record, string reason, double seconds) =>
            Done.Add($"still not deleted: {reason}, {seconds} s");
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
