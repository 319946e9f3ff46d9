using CniCore.Linux;
using CniCore.Linux.Files;

namespace CniCore.Tests.Linux;

public sealed class FileLockTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    private string Path => System.IO.Path.Combine(folder, "lock");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void B_Take_OfALockThatSomebodyKeeps_EndsAndSaysSo()
    {
        using var held = FileLock.Take(Path);

        var fault = Assert.Throws<LinuxException>(() => FileLock.Take(Path, TimeSpan.FromMilliseconds(50)));

        Assert.Contains($"locking {Path}", fault.Message, StringComparison.Ordinal);
        Assert.Contains("another process has held it", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task B_TakeAsync_GivenUp_LeavesNobodyWaiting()
    {
        using (FileLock.Take(Path))
        {
            using var stop = new CancellationTokenSource();
            var waiting = FileLock.TakeAsync(Path, shared: false, stop.Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
        FileLock.Take(Path, TimeSpan.Zero).Dispose();
    }

    [Fact]
    public async Task TakeAsync_ComesWhenTheLockIsFree()
    {
        Task<FileLock> waiting;
        using (FileLock.Take(Path))
        {
            waiting = FileLock.TakeAsync(Path, shared: true, TestContext.Current.CancellationToken);
            Assert.False(waiting.IsCompleted);
        }
        (await waiting).Dispose();
    }
}
