using System.Text.Json;
using CniCore.Linux.Files;

namespace CniCore.Plugins.Tuning;

/// <summary>
/// The folder of backups, one file for each attachment: <c>CONTAINERID_IFNAME.json</c>. Compatible with the reference's files.
/// </summary>
internal sealed class TuningBackups(string folder)
{
    /// <summary>The backup of an attachment; null if there is none that can be read.</summary>
    public TuningBackup? Find(string containerId, string ifName) => Read(PathOf(containerId, ifName));

    public void Save(string containerId, string ifName, TuningBackup backup) =>
        DurableFile.Write(PathOf(containerId, ifName), JsonSerializer.SerializeToUtf8Bytes(backup, TuningJson.Default.TuningBackup));

    public void Delete(string containerId, string ifName) => DurableFile.Delete(PathOf(containerId, ifName));

    /// <summary>
    /// Deletes the network's backups except those of valid attachments. A file of the reference names no network, and stays.
    /// </summary>
    public void DeleteAllBut(string network, IEnumerable<ValidAttachment> valid)
    {
        if (!Directory.Exists(folder))
            return;
        var kept = valid.Select(attachment => PathOf(attachment.ContainerId, attachment.IfName)).ToHashSet(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(folder, "*.json").Where(file => !kept.Contains(file) && Read(file)?.Network == network))
            DurableFile.Delete(file);
    }

    private static TuningBackup? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize(RegularFile.ReadAllBytes(path), TuningJson.Default.TuningBackup) : null;
        }
        catch (JsonException)
        {
            return null; // truncated by a crash: there is nothing to restore
        }
    }

    private string PathOf(string containerId, string ifName) => Path.Combine(folder, $"{containerId}_{ifName}.json");
}
