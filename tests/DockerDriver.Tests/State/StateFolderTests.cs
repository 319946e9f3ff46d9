using System.Diagnostics;
using DockerDriver.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.State;

public sealed class StateFolderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Peek_WhileTheDaemonRemovesAFile_SkipsIt()
    {
        var state = new StateFolder<StoredReservation>(
            folder, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance);
        state.Save(new() { Id = "stays", ListName = "pods" });
        File.CreateSymbolicLink(Path.Combine(folder, "goes.json"), Path.Combine(folder, "nothing")); // listed, and not there
        Assert.Equal("stays", Assert.Single(state.Peek()).Id);
    }

    [Fact]
    public void Load_TemporaryFilesOfAKilledProcess_AreRemoved()
    {
        File.WriteAllText(Path.Combine(folder, "half.json.new"), "{");
        var state = new StateFolder<StoredReservation>(
            folder, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance);

        state.Load();

        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("garbage", "\u0000\u0001", true)]
    [InlineData("empty", "", true)]
    [InlineData("null", "null", true)]
    [InlineData("a list", "[]", true)]
    [InlineData("another's", """{"schema":1,"id":"other","listName":"pods"}""", true)]
    [InlineData("later", """{"schema":2,"identity":{"id":"bad"}}""", false)]
    [InlineData("folder", null, false)]
    [InlineData("link to nothing", null, false)]
    [InlineData("pipe", null, false)] // a reader would wait for a writer
    public void C_Load_WhatCannotBeRead_IsReported_AndStopsNoOther(string kind, string? content, bool isSetAside)
    {
        var path = Path.Combine(folder, "bad.json");
        Make(kind, content, path);
        File.WriteAllText(Path.Combine(folder, "good.json"), """{"schema":1,"id":"good","listName":"pods"}""");
        var log = new Said();
        var state = new StateFolder<StoredReservation>(folder, StateJson.Default.StoredReservation, log);

        Assert.Equal("good", Assert.Single(state.Peek()).Id); // beside the daemon
        Assert.Empty(log.Lines);
        state.Load();

        Assert.Equal("good", Assert.Single(state.All).Id);
        Assert.StartsWith($"{path} cannot be read (", Assert.Single(log.Lines), StringComparison.Ordinal);
        Assert.Equal(isSetAside, Path.Exists(path + ".corrupt"));
        Assert.Equal(!isSetAside, new FileInfo(path) is { Exists: true } or { LinkTarget: not null } || Directory.Exists(path));

        state.Save(new() { Id = "bad", ListName = "pods" }); // its place is needed
        Assert.Equal(!isSetAside, File.Exists(path + ".kept") || Directory.Exists(path + ".kept"));
        Assert.Equal(2, state.Peek().Count());
    }

    private static void Make(string kind, string? content, string path)
    {
        switch (kind)
        {
            case "folder": Directory.CreateDirectory(path); break;
            case "link to nothing": File.CreateSymbolicLink(path, "/nothing"); break;
            case "pipe": Process.Start("mkfifo", [path]).WaitForExit(); break;
            default: File.WriteAllText(path, content); break;
        }
    }

    private sealed class Said : ILogger<StateFolder<StoredReservation>>
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }

    [Fact]
    public void SaveBestEffort_WhereNothingCanBeWritten_KeepsTheRecordInMemory()
    {
        var path = Path.Combine(folder, "a file", "in it nothing can be");
        File.WriteAllText(Path.GetDirectoryName(path)!, "");
        var state = new StateFolder<StoredReservation>(
            path, StateJson.Default.StoredReservation, NullLogger<StateFolder<StoredReservation>>.Instance);

        state.SaveBestEffort(new() { Id = "goes", ListName = "pods" });

        Assert.NotNull(state.Find("goes"));
        Assert.ThrowsAny<IOException>(() => state.Save(new() { Id = "comes", ListName = "pods" }));
        Assert.Null(state.Find("comes"));
    }
}
