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
}
