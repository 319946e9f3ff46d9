using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>
/// The order in which every plugin with an IPAM works. The link is there before IPAM is asked, and until one that may speak through it
/// has been told: DHCP does.
/// </summary>
internal static class IpamSequence
{
    /// <summary>
    /// Makes the link, asks IPAM, and configures. When one of them fails, what was before it is undone; <paramref name="make"/> undoes
    /// itself, as what was in its way is not ours to remove. Without an IPAM the addresses are none.
    /// </summary>
    public static async Task<CniResult> IpamAsync<TLink>(
        BuiltinCall call, Func<TLink> make, Func<TLink, CniResult, CniResult> configure, Action tearDown, CancellationToken cancel)
    {
        var link = make();
        try
        {
            if (call.IpamType.Length == 0)
                return configure(link, new() { CniVersion = call.CniVersion });
            return configure(link, await Ipam.AddAsync(call, cancel));
        }
        catch
        {
            await UndoAsync(call, tearDown);
            throw;
        }
    }

    /// <summary>DEL: both parts, whatever becomes of the first.</summary>
    public static async Task ReleaseAsync(BuiltinCall call, Action tearDown, CancellationToken cancel)
    {
        if (Ipam.MayUseLink(call))
        {
            try
            {
                await Ipam.DeleteAsync(call, cancel);
            }
            finally
            {
                tearDown();
            }
            return;
        }
        try
        {
            tearDown();
        }
        finally
        {
            // Last: the next one to have the address must not meet it here.
            if (call.IpamType.Length > 0)
                await Ipam.DeleteAsync(call, cancel);
        }
    }

    // The fault of ADD is the one to tell; the runtime's own DEL follows, and tells what still stays.
    private static async Task UndoAsync(BuiltinCall call, Action tearDown)
    {
        try
        {
            await ReleaseAsync(call, tearDown, CancellationToken.None);
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
        }
    }
}
