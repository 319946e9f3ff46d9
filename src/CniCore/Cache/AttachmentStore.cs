using System.Collections.Concurrent;
using System.Text.Json;
using CniCore.Linux.Files;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Cache;

/// <summary>
/// The attachments on disk, one file each (<see cref="StateFiles"/>). Every question reads the disk, since other processes write here too.
/// What could not be written is kept in memory, and is used as long as the file is about the same attachment.
/// </summary>
internal sealed partial class AttachmentStore(string folder, ILogger log)
{
    private readonly StateFiles files = new(log);
    private readonly ConcurrentDictionary<string, Attachment> unwritten = new(StringComparer.Ordinal);

    /// <summary>Null also for an attachment whose file cannot be read: a new one takes its place.</summary>
    public Attachment? Find(string network, string containerId, string ifName) => Read(PathOf(network, containerId, ifName));

    /// <summary>For DEL, which would leave behind what it is not told of.</summary>
    /// <exception cref="CniPluginException">The file is there, and cannot be read now.</exception>
    public Attachment? Get(string network, string containerId, string ifName)
    {
        var path = PathOf(network, containerId, ifName);
        return Read(path) ?? (files.WhyLeft(path) is { } reason
            ? throw new CniPluginException(CniErrorCode.Io, $"what ADD stored in {path} cannot be read", reason) : null);
    }

    public IReadOnlyList<Attachment> All() => [.. StateFiles.In(folder).Select(Read).OfType<Attachment>()];

    public void Save(Attachment attachment)
    {
        files.MakeWay(PathOf(attachment));
        DurableFile.Write(PathOf(attachment), Bytes(attachment));
        unwritten.TryRemove(attachment.FileName, out _);
    }

    /// <summary>Saves best effort: logs a failure and keeps the record in memory, so that DEL also runs on a full disk.</summary>
    public void SaveBestEffort(Attachment attachment)
    {
        if (DurableFile.TryWrite(PathOf(attachment), Bytes(attachment), out var fault))
        {
            unwritten.TryRemove(attachment.FileName, out _);
            return;
        }
        unwritten[attachment.FileName] = attachment;
        NotStored(PathOf(attachment), fault);
    }

    public void Remove(Attachment attachment)
    {
        DurableFile.Delete(PathOf(attachment));
        unwritten.TryRemove(attachment.FileName, out _);
    }

    /// <summary>Removes the unfinished file that a crash left while an attachment was first saved.</summary>
    public void RemoveUnfinished(Attachment attachment) => DurableFile.DeleteUnfinished(PathOf(attachment));

    /// <summary>Removes all unfinished files that crashes left. Logs what cannot be removed.</summary>
    public void RemoveUnfinished()
    {
        try
        {
            DurableFile.DeleteUnfinishedIn(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            NotCleared(folder, fault.Message);
        }
    }

    private string PathOf(string network, string containerId, string ifName) =>
        Path.Combine(folder, Attachment.FileNameOf(network, containerId, ifName));

    private string PathOf(Attachment attachment) => Path.Combine(folder, attachment.FileName);

    private static byte[] Bytes(Attachment attachment) =>
        JsonSerializer.SerializeToUtf8Bytes(attachment.InFile, CacheJson.Default.Attachment);

    private Attachment? Read(string path)
    {
        var attachment = files.Read(path, json =>
        {
            var read = json.Deserialize(CacheJson.Default.Attachment) ?? throw new JsonException("the file holds null");
            _ = Bytes(read); // throws for null in a property that lacks a value
            return read.FileName == Path.GetFileName(path)
                ? read.OfFile
                : throw new JsonException("it speaks of another attachment than its name");
        });
        return attachment is not null && unwritten.TryGetValue(attachment.FileName, out var newer)
            && newer.CreatedAt == attachment.CreatedAt ? newer : attachment;
    }

    [LoggerMessage(LogLevel.Warning, "what was left of writing files in {Folder} cannot be removed: {Reason}")]
    private partial void NotCleared(string folder, string reason);

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be written ({Reason}); what it should say is done all the same")]
    private partial void NotStored(string path, string reason);
}
