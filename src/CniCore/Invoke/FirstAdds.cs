using System.Collections.Concurrent;
using CniCore.Spec;

namespace CniCore.Invoke;

/// <summary>
/// Serializes the first ADD of each plugin type. At their first ADD after a boot, the reference plugins firewall and portmap create the
/// chains that all attachments share: they look, create, and fail if another process was faster. Of several containers that an engine
/// starts at once, one would fail.
/// </summary>
internal sealed class FirstAdds
{
    // The first ADD may hang, for example on a silent DHCP server. The others then go ahead.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<PluginType, SemaphoreSlim> turns = new();
    private readonly ConcurrentDictionary<PluginType, bool> succeeded = new();

    /// <summary>Runs <paramref name="add"/>: alone until one of its type has succeeded, then concurrently.</summary>
    public async Task<PluginAnswer> RunAsync(PluginType type, Func<Task<PluginAnswer>> add, CancellationToken cancel)
    {
        if (succeeded.ContainsKey(type))
            return await add();
        var turn = turns.GetOrAdd(type, _ => new(1, 1));
        var isAlone = await turn.WaitAsync(Patience, cancel);
        if (isAlone && succeeded.ContainsKey(type))
        {
            turn.Release();
            isAlone = false;
        }
        try
        {
            var answer = await add();
            succeeded[type] = true;
            return answer;
        }
        finally
        {
            if (isAlone)
                turn.Release();
        }
    }
}
