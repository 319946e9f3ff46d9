using CniCore.Linux.Namespaces;
using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>The order in which every plugin with an IPAM works: addresses first, and given back when what follows fails.</summary>
internal static class AddressedBy
{
    /// <summary>
    /// IPAM ADD, then <paramref name="apply"/> in the namespace the call came in: an IPAM that is an executable is awaited, and what
    /// follows may run on another thread. Without an IPAM the addresses are none.
    /// </summary>
    public static async Task<CniResult> IpamAsync(BuiltinCall call, Func<CniResult, CniResult> apply, CancellationToken cancel)
    {
        if (call.IpamType.Length == 0)
            return apply(new() { CniVersion = call.CniVersion });
        using var here = NetworkNamespace.Current();
        var pending = Ipam.AddAsync(call, cancel);
        var sameThread = pending.IsCompleted;
        var addresses = await pending;
        try
        {
            return sameThread ? apply(addresses) : here.Inside(() => apply(addresses));
        }
        catch
        {
            await Ipam.UndoAsync(call);
            throw;
        }
    }
}
