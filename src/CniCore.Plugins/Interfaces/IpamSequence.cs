using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>
/// The order of steps of every plugin with an IPAM. The link exists before IPAM ADD and until after IPAM DEL, since the IPAM may use it:
/// DHCP does.
/// </summary>
internal static class IpamSequence
{
    /// <summary>
    /// Creates the link, calls IPAM, and configures. If a step fails, the steps before it are undone; <paramref name="make"/> undoes
    /// itself, since something of another owner may have been in its way. Without an IPAM there are no addresses.
    /// </summary>
    public static async Task<CniResult> AddAsync<TLink>(
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

    /// <summary>DEL of link and IPAM, even if the first one fails.</summary>
    public static async Task DeleteAsync(BuiltinCall call, Action tearDown, CancellationToken cancel)
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
            // IPAM last: the next owner of the address must not find it here.
            if (call.IpamType.Length > 0)
                await Ipam.DeleteAsync(call, cancel);
        }
    }

    // The error of ADD is thrown. The runtime's DEL follows, and reports what is left.
    private static async Task UndoAsync(BuiltinCall call, Action tearDown)
    {
        try
        {
            await DeleteAsync(call, tearDown, CancellationToken.None);
        }
        catch (Exception fault) when (fault is CniException or IOException or UnauthorizedAccessException)
        {
        }
    }
}
