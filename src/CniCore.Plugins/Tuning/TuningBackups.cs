using System.Text.Json;
using CniCore.Linux.Files;

namespace CniCore.Plugins.Tuning;

/// <summary>
/// The folder of backups, one file an attachment: <c>CONTAINERID_IFNAME.json</c>. The reference's files are found and understood.
/// </summary>
internal sealed class TuningBackups(string folder)
{
    /// <summary>The attachment's; null where there is none that can be read.</summary>
    public TuningBackup? Find(string containerId, string ifName) => Read(PathOf(containerId, ifName));

    public void Save(string containerId, string ifName, TuningBackup backup) =>
        DurableFile.Write(PathOf(containerId, ifName), JsonSerializer.SerializeToUtf8Bytes(backup, TuningJson.Default.TuningBackup));

    public void Delete(string containerId, string ifName) => DurableFile.Delete(PathOf(containerId, ifName));

    /// <summary>
    /// Deletes the network's backups but those of the valid. One without a network, the reference's, may be any network's, and stays.
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
            return File.Exists(path) ? JsonSerializer.Deserialize(File.ReadAllBytes(path), TuningJson.Default.TuningBackup) : null;
        }
        catch (JsonException)
        {
            return null; // cut short by a crash: there is nothing to go back to
        }
    }

    private string PathOf(string containerId, string ifName) => Path.Combine(folder, $"{containerId}_{ifName}.json");
}
