using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests;

public sealed class StateFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Peek_WhileTheDaemonRemovesAFile_PassesOverIt()
    {
        var state = new StateFolder<StoredReservation>(folder, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance);
        state.Save(new() { Id = "stays", ListName = "pods" });
        File.CreateSymbolicLink(Path.Combine(folder, "goes.json"), Path.Combine(folder, "nothing")); // listed, and not there
        Assert.Equal("stays", Assert.Single(state.Peek()).Id);
    }

    [Fact]
    public void Note_WhereNothingCanBeWritten_IsKnownAllTheSame()
    {
        var path = Path.Combine(folder, "a file", "in it nothing can be");
        File.WriteAllText(Path.GetDirectoryName(path)!, "");
        var state = new StateFolder<StoredReservation>(path, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance);

        state.Note(new() { Id = "goes", ListName = "pods" });

        Assert.NotNull(state.Find("goes"));
        Assert.ThrowsAny<IOException>(() => state.Save(new() { Id = "comes", ListName = "pods" }));
        Assert.Null(state.Find("comes"));
    }
}
