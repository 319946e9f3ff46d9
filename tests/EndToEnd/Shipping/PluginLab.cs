using EndToEnd.Host;

namespace EndToEnd.Shipping;

/// <summary>A lab whose driver is the managed plugin, made of the file under test by the page's commands.</summary>
public sealed class PluginLab : IAsyncLifetime
{
    public const string Driver = "cnid:latest";

    /// <summary>Why there is none; null where there is one.</summary>
    public static string? CannotRun =>
        Lab.CannotRun
        ?? (File.Exists(Lab.Cnid + ".dll") ? "needs the Native AOT file: the plugin has no .NET" : null);

    public Lab Lab { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (CannotRun is not null)
            return;
        await Lab.InitializeAsync();
        await InstallAsync(Lab);
    }

    public ValueTask DisposeAsync() => Lab.DisposeAsync();

    /// <summary>Puts the plugin in the place of the lab's cnid.</summary>
    public static async Task InstallAsync(Lab lab)
    {
        await lab.StopCnidAsync("TERM");
        await lab.OkAsync("mount --make-rshared /"); // as systemd does on a host
        await MakeAsync(lab);
        await lab.OkAsync(CommandPages.Commands("plugin: enable"));
    }

    public static Task<string> MakeAsync(Lab lab) =>
        lab.OkAsync($"cd {Machine.Repository}; "
            + CommandPages.Commands("plugin: make",
            ("plugin-config/managed/create.sh", $"plugin-config/managed/create.sh cnid {Lab.Cnid}")));
}
