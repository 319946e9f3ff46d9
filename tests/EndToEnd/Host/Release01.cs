namespace EndToEnd.Host;

/// <summary>cnid 0.1 itself, published from this repository's history (earlier.sh), and with it its scripts and units.</summary>
internal static class Release01
{
    /// <summary>The last commit of 0.1: its child is the first line of the changelog of 0.2.0.</summary>
    private const string Commit = "811ee7a72e2176913b862756d7117ae6cf1399cf";

    private const int NotInHistory = 3;

    private static readonly Lazy<Task<CommandResult>> Made = new(() =>
        Lab.ShellAsync($"{Machine.Repository}/tests/EndToEnd/Host/earlier.sh {Commit}"));

    /// <summary>The folder with its tree. The test skips where there is none.</summary>
    public static async Task<string> TreeAsync()
    {
        Assert.SkipWhen(CannotRun is not null, CannotRun ?? "");
        var tree = await FindTreeAsync();
        Assert.SkipWhen(tree is null, $"the history here lacks cnid 0.1 ({Commit[..8]}): a shallow clone, or no clone");
        return tree!;
    }

    /// <summary>The folder with its tree; null where there is none.</summary>
    public static async Task<string?> FindTreeAsync()
    {
        if (CannotRun is not null || await Made.Value is not { Status: not NotInHistory } made)
            return null;
        Assert.True(made.Status == 0, made.Text);
        return made.Output.Trim();
    }

    /// <summary>The program.</summary>
    public static async Task<string> ProgramAsync() => Path.Combine(await TreeAsync(), "artifacts/publish/cnid");

    /// <summary>Why it does not run on this host.</summary>
    public static string? CannotRun =>
        Lab.CannotRun
        ?? (Environment.GetEnvironmentVariable("ENGINE_ROOT") is { Length: > 0 } ? "cnid 0.1 is tried on this host's engine" : null)
        ?? (Directory.EnumerateFiles("/usr/lib", "libnftables.so.1", SearchOption.AllDirectories).Any() ? null
            : "cnid 0.1 needs libnftables1");
}
