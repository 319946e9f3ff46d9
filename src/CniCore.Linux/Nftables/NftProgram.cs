using System.Text;
using CniCore.Linux.Files;
using CniCore.Linux.Processes;

namespace CniCore.Linux.Nftables;

/// <summary>
/// The program nft, for expressions that an administrator wrote. A child process with a time limit, since libnftables exits on EMFILE and
/// ENOMEM. Runs in the namespace of the calling thread.
/// </summary>
public static class NftProgram
{
    private static readonly string[] Folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin"];
    private static readonly ProcessLimits Limits = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(2), 16 * 1024 * 1024, 64 * 1024);

    /// <summary>Runs commands in one transaction.</summary>
    /// <returns>The output.</returns>
    /// <exception cref="NftablesException">It is not installed, does not end within 10 seconds, or reports an error, which is the
    /// message.</exception>
    public static string Run(string commands)
    {
        var path = Folders.Select(folder => Path.Combine(folder, "nft")).FirstOrDefault(RegularFile.IsAt)
            ?? throw new NftablesException("the program nft is not installed; on Debian: apt-get install nftables");
        var exit = ProcessRunner.Run(path, ["-f", "-"], [$"PATH={string.Join(':', Folders)}"], Encoding.UTF8.GetBytes(commands), Limits,
            TimeProvider.System, CancellationToken.None);
        if (exit.End == ProcessEnd.Deadline)
            throw new NftablesException($"nft did not end within {Limits.Deadline.TotalSeconds:0} seconds");
        return exit.Status == 0 ? Encoding.UTF8.GetString(exit.Output) : throw new NftablesException($"nft: {Words(exit)}");
    }

    private static string Words(ProcessExit exit) =>
        Encoding.UTF8.GetString(exit.Errors).Split('\n', 2)[0] is { Length: > 0 } line ? line : $"it ended with status {exit.Status}";
}
