using System.Collections.Concurrent;
using CniCore.Spec;

namespace CniCore.Invoke;

/// <summary>
/// The first ADD of a plugin type goes alone. At their first ADD after a boot the reference's firewall and portmap make the chains that
/// all attachments share: they look, make, and fail where another has made them in between. Of the containers that an engine starts at
/// once, one would stay down.
/// </summary>
internal sealed class FirstAdds
{
    // A first one may hang, over a DHCP server that is silent: the others do not wait for its end.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly ConcurrentDictionary<PluginType, SemaphoreSlim> turns = new();
    private readonly ConcurrentDictionary<PluginType, bool> succeeded = new();

    /// <summary>Runs <paramref name="add"/>; alone, as long as none of its type has succeeded.</summary>
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
