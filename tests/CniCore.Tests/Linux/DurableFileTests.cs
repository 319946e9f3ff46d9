using CniCore.Linux.Files;

namespace CniCore.Tests.Linux;

public sealed class DurableFileTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("cnid-files-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Write_WhileAnotherRemovesUnfinishedCopies_Succeeds()
    {
        var path = Path.Combine(folder, "state.json");
        using var isOver = new CancellationTokenSource();
        var sweep = Task.Run(() =>
        {
            while (!isOver.IsCancellationRequested)
                DurableFile.DeleteUnfinishedIn(folder);
        });
        for (var number = 0; number < 300; number++)
            DurableFile.Write(path, [(byte)number]);
        await isOver.CancelAsync();
        await sweep;

        byte[] last = [unchecked((byte)299)];
        Assert.Equal(last, await File.ReadAllBytesAsync(path));
        Assert.Equal([path], Directory.EnumerateFiles(folder));
    }

    [Fact]
    public void DeleteUnfinishedIn_RemovesTheCopiesOfProcessesThatWereKilled()
    {
        File.WriteAllText(Path.Combine(folder, "one.json.new"), "{");
        File.WriteAllText(Path.Combine(folder, "one.json"), "{}");
        DurableFile.DeleteUnfinishedIn(folder);
        Assert.Equal([Path.Combine(folder, "one.json")], Directory.EnumerateFiles(folder));
    }
}
