using System.Text;
using CniCore.Cache;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using Microsoft.Extensions.Logging.Abstractions;

namespace CniCore.Tests.Runtime;
/// <summary>What the runtime does with what is on disk: garbage collection, and files that cannot be read.</summary>
public sealed class CniRuntimeBooksTests : CniRuntimeTest
{
    [Fact]
    public async Task CollectGarbage_KeepsTheValidOnes()
    {
        var other = Request with { ContainerId = ContainerId.Parse("c2") };
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        await Runtime().AddAsync(List("a"), other, CancellationToken.None);

        await Runtime().CollectGarbageAsync(List("a"), () => [new(other.ContainerId, other.IfName)], CancellationToken.None);

        Assert.Equal("c2", Assert.Single(Runtime().Attachments()).ContainerId);
    }

    [Fact]
    public async Task A11_AttachmentThatBeginsDuringGc_IsKept_AndToldToThePluginsAsValid()
    {
        var list = List("a") with { CniVersion = "1.1.0" };
        var other = Request with { ContainerId = ContainerId.Parse("c2") };
        await Runtime().AddAsync(list, Request, CancellationToken.None);
        var started = false;
        plugins.Answer = call =>
        {
            if (call.Command == CniCommand.Del && !started)
            {
                started = true; // another container starts while the first one's DEL runs
                Runtime().AddAsync(list, other, CancellationToken.None).GetAwaiter().GetResult();
            }
            return """{"cniVersion":"1.1.0"}""";
        };

        await Runtime().CollectGarbageAsync(list, valid: null, CancellationToken.None);

        Assert.Equal("c2", Assert.Single(Runtime().Attachments()).ContainerId);
        Assert.Contains("\"containerID\":\"c2\"", plugins.Calls.Single(call => call.Command == CniCommand.Gc).Config,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A11_Gc_WaitsForTheContainersLock_AndLooksAgain()
    {
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        var isValid = false;
        Task? gc = null;
        plugins.Answer = call =>
        {
            if (call.Command == CniCommand.Check)
            {
                gc = Runtime().CollectGarbageAsync(List("a"), () =>
                    isValid ? [new(Request.ContainerId, Request.IfName)] : [], CancellationToken.None);
                Assert.False(gc.IsCompleted); // CHECK holds the container's lock
                isValid = true;
            }
            return "{}";
        };

        await Runtime().CheckAsync(List("a"), Request, CancellationToken.None);
        await gc!;

        Assert.DoesNotContain("Del a", plugins.Verbs);
        Assert.Equal("c1", Assert.Single(Runtime().Attachments()).ContainerId);
    }

    [Fact]
    public async Task Attachments_CorruptFile_AndCopy_IsSetAside()
    {
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache")));
        File.WriteAllText(file, "");
        File.WriteAllText(Assert.Single(Directory.GetFiles(Path.Combine(folder, "copies"))), "{");

        Assert.Empty(Runtime().Attachments());
        Assert.True(File.Exists(file + ".corrupt"));
    }

    [Fact]
    public async Task Attachment_IsStoredWithoutItsAdmission_WhichAnEarlierVersionDoesNotKnow()
    {
        plugins.Builtins = ["cnid-admission"];
        var runtime = new CniRuntime(
            new() { CacheFolder = Path.Combine(folder, "cache"), LockFolder = Path.Combine(folder, "locks"), Admits = true },
            plugins, TimeProvider.System, NullLogger<CniRuntime>.Instance);
        await runtime.AddAsync(List("a", "b"), Request, CancellationToken.None);

        var file = File.ReadAllText(Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache"))));
        Assert.DoesNotContain("cnid-admission", file, StringComparison.Ordinal);
        Assert.Contains("\"admitted\": true", file, StringComparison.Ordinal);
        var attachment = Assert.Single(runtime.Attachments());
        Assert.Equal(["a", "b", "cnid-admission"], attachment.List.Plugins.Select(plugin => plugin.Type.ToString()));
        Assert.Equal(["cnid-admission"], attachment.Builtins);

        await runtime.DeleteAsync(List("a", "b"), Request, CancellationToken.None);
        Assert.Equal(["cnid-admission", "b", "a"],
            plugins.Calls.Where(call => call.Command == CniCommand.Del).Select(call => call.Plugin));
    }

    [Fact]
    public async Task C_CollectGarbage_WhileTheClockIsSetBack_KeepsWhatBeginsMeanwhile()
    {
        var clock = new SetClock();
        var asked = 0;
        await Runtime(clock).AddAsync(List("a"), Request, CancellationToken.None);
        await Runtime(clock).CollectGarbageAsync(List("a"), Valid, CancellationToken.None);

        Assert.Equal("later", Assert.Single(Runtime().Attachments()).ContainerId);

        IReadOnlyCollection<(ContainerId ContainerId, InterfaceName IfName)> Valid()
        {
            if (asked++ == 0)
            {
                clock.Now -= TimeSpan.FromHours(1);
                Runtime(clock).AddAsync(List("a"), Request with { ContainerId = ContainerId.Parse("later") }, CancellationToken.None)
                    .GetAwaiter().GetResult();
            }
            return [];
        }
    }

    [Fact]
    public async Task C_Attachments_FolderInAFilesPlace_HidesNoOther_AndMakesWay()
    {
        await Runtime().AddAsync(List("a"), Request, CancellationToken.None);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache")));
        File.Delete(file);
        Directory.CreateDirectory(file);
        var runtime = Runtime();

        Assert.Empty(runtime.Attachments());
        await runtime.AddAsync(List("a"), Request, CancellationToken.None);
        Assert.Equal("c1", Assert.Single(runtime.Attachments()).ContainerId);
        Assert.True(Directory.Exists(file + ".kept"));
    }

    [Fact]
    public async Task Delete_WhileTheRecordCannotBeRead_RunsNoPlugin_AndCanBeRepeated()
    {
        var runtime = Runtime();
        await runtime.AddAsync(List("a"), Request, CancellationToken.None);
        var attachment = Assert.Single(runtime.Attachments());
        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache")));
        File.Move(file, file + ".away");
        Directory.CreateDirectory(file);

        foreach (var delete in new[]
        {
            () => runtime.DeleteAsync(List("a"), Request, CancellationToken.None),
            () => runtime.DeleteAsync(attachment, "/ns", CancellationToken.None),
        })
        {
            var fault = await Assert.ThrowsAsync<CniPluginException>(delete);
            Assert.Equal((CniErrorCode.Io, $"what ADD stored in {file} cannot be read"), (fault.Code, fault.Reason));
        }
        Assert.DoesNotContain("Del a", plugins.Verbs);

        Directory.Delete(file);
        File.Move(file + ".away", file);
        await runtime.DeleteAsync(List("a"), Request, CancellationToken.None);
        Assert.Contains("prevResult", plugins.Calls.Single(call => call.Command == CniCommand.Del).Config, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, "cache")));
    }

    [Fact]
    public async Task CorruptFile_IsRestoredFromItsCopy_AndDelIsToldAll()
    {
        var runtime = Runtime();
        await runtime.AddAsync(List("a"), Request, CancellationToken.None);
        var file = Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache")));
        var before = await File.ReadAllTextAsync(file, CancellationToken.None);
        await File.WriteAllTextAsync(file, before[..7], CancellationToken.None);

        Assert.Single(runtime.Attachments());
        Assert.Equal(before, await File.ReadAllTextAsync(file, CancellationToken.None));
        Assert.Equal(file, Assert.Single(Directory.GetFiles(Path.Combine(folder, "cache"))));
        await runtime.DeleteAsync(List("a"), Request, CancellationToken.None);

        Assert.Contains("prevResult", plugins.Calls.Single(call => call.Command == CniCommand.Del).Config, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder, "*.json*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task RemoveUnfinished_RemovesCopiesOfFilesThatAreGone()
    {
        var runtime = Runtime();
        await runtime.AddAsync(List("a"), Request, CancellationToken.None);
        await runtime.AddAsync(List("a"), Request with { ContainerId = ContainerId.Parse("c2") }, CancellationToken.None);
        File.Delete(Directory.GetFiles(Path.Combine(folder, "cache"))[0]);

        runtime.RemoveUnfinished();

        Assert.Equal(Directory.GetFiles(Path.Combine(folder, "cache")).Select(Path.GetFileName),
            Directory.GetFiles(Path.Combine(folder, "copies")).Select(Path.GetFileName));
    }

    private sealed class SetClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch.AddYears(50);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    [Fact]
    public void RemoveUnfinished_TakesWhatAKillLeft_NotWhatIsBeingWritten()
    {
        var books = Directory.CreateDirectory(Path.Combine(folder, "cache")).FullName;
        File.WriteAllText(Path.Combine(books, "left.json.new"), "{");
        using var written = new FileStream(Path.Combine(books, "written.json.new"), FileMode.Create, FileAccess.Write, FileShare.None);

        Runtime().RemoveUnfinished();

        Assert.Equal("written.json.new", Path.GetFileName(Assert.Single(Directory.GetFiles(books))));
    }
}
