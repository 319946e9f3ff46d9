using System.Collections.Concurrent;
using System.Text.Json;
using CniCore.Linux.Files;
using CniCore.Spec;
using Microsoft.Extensions.Logging;

namespace CniCore.Cache;

/// <summary>
/// The attachments on disk, one file each (<see cref="StateFiles"/>). Every question reads the disk, since other processes write here too.
/// What could not be written is kept in memory, and is used as long as the file is about the same attachment. A copy on another file system
/// takes the place of a corrupt file: without it, DEL would leave behind what it is not told of.
/// </summary>
/// <param name="folder">Survives a reboot.</param>
/// <param name="copies">A folder that a reboot clears, as it clears most of what ADD has made; null for no copies.</param>
/// <param name="log">Gets a line for each file that cannot be read or written.</param>
internal sealed partial class AttachmentStore(string folder, string? copies, ILogger log)
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
        var bytes = Bytes(attachment);
        DurableFile.Write(PathOf(attachment), bytes);
        Copy(attachment, bytes);
        unwritten.TryRemove(attachment.FileName, out _);
    }

    /// <summary>Saves best effort: logs a failure and keeps the record in memory, so that DEL also runs on a full disk.</summary>
    public void SaveBestEffort(Attachment attachment)
    {
        var bytes = Bytes(attachment);
        if (DurableFile.TryWrite(PathOf(attachment), bytes, out var fault))
        {
            Copy(attachment, bytes);
            unwritten.TryRemove(attachment.FileName, out _);
            return;
        }
        unwritten[attachment.FileName] = attachment;
        NotStored(PathOf(attachment), fault);
    }

    public void Remove(Attachment attachment)
    {
        DurableFile.Delete(PathOf(attachment));
        if (CopyOf(attachment.FileName) is { } copy)
            DurableFile.Delete(copy);
        unwritten.TryRemove(attachment.FileName, out _);
    }

    /// <summary>Removes the unfinished file that a crash left while an attachment was first saved.</summary>
    public void RemoveUnfinished(Attachment attachment) => DurableFile.DeleteUnfinished(PathOf(attachment));

    /// <summary>Removes all unfinished files that crashes left, and copies of files that are gone. Logs what cannot be removed.</summary>
    public void RemoveUnfinished()
    {
        try
        {
            DurableFile.DeleteUnfinishedIn(folder);
            if (copies is null || !Directory.Exists(copies))
                return;
            DurableFile.DeleteUnfinishedIn(copies);
            foreach (var copy in StateFiles.In(copies).Where(copy => !IsOfAFile(Path.GetFileName(copy))))
                DurableFile.Delete(copy);
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

    private string? CopyOf(string fileName) => copies is null ? null : Path.Combine(copies, fileName);

    private bool IsOfAFile(string copy) =>
        File.Exists(Path.Combine(folder, copy)) || StateFiles.IsCorrupt(Path.Combine(folder, copy));

    private void Copy(Attachment attachment, byte[] bytes)
    {
        if (CopyOf(attachment.FileName) is { } copy && !DurableFile.TryWrite(copy, bytes, out var fault))
            NotCopied(copy, fault);
    }

    private Attachment? Read(string path)
    {
        var attachment = files.Read(path, json => Parse(json, path)) ?? Restored(path);
        return attachment is not null && unwritten.TryGetValue(attachment.FileName, out var newer)
            && newer.CreatedAt == attachment.CreatedAt ? newer : attachment;
    }

    // The corrupt file was set aside.
    private Attachment? Restored(string path)
    {
        if (CopyOf(Path.GetFileName(path)) is not { } copy || !File.Exists(copy) || !StateFiles.IsCorrupt(path)
            || StateFiles.Look(copy, json => Parse(json, copy), out _, out _) is not { } attachment)
            return null;
        if (DurableFile.TryWrite(path, Bytes(attachment), out _))
            StateFiles.DeleteCorrupt(path);
        CopyUsed(path, copy);
        return attachment;
    }

    private static Attachment Parse(JsonElement json, string path)
    {
        var read = json.Deserialize(CacheJson.Default.Attachment) ?? throw new JsonException("the file holds null");
        _ = Bytes(read); // throws for null in a property that lacks a value
        return read.FileName == Path.GetFileName(path)
            ? read.OfFile
            : throw new JsonException("it speaks of another attachment than its name");
    }

    [LoggerMessage(LogLevel.Warning, "{Path} is restored from {Copy}")]
    private partial void CopyUsed(string path, string copy);

    [LoggerMessage(LogLevel.Debug, "{Path} cannot be written ({Reason}): it would take the place of a corrupt file")]
    private partial void NotCopied(string path, string reason);

    [LoggerMessage(LogLevel.Warning, "what was left of writing files in {Folder} cannot be removed: {Reason}")]
    private partial void NotCleared(string folder, string reason);

    [LoggerMessage(LogLevel.Warning, "{Path} cannot be written ({Reason}); what it should say is done all the same")]
    private partial void NotStored(string path, string reason);
}
