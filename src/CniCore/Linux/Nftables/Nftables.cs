using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Namespaces;

namespace CniCore.Linux.Nftables;

/// <summary>nftables of one namespace, the one it was opened in, through libnftables. Commands are nft's own language.</summary>
public sealed class Nftables : IDisposable
{
    private const int Attempts = 50;
    private readonly Lock using_ = new();
    private nint context;

    private Nftables(nint context) => this.context = context;

    /// <summary>In the namespace of the calling thread: the library opens its socket here and keeps it.</summary>
    /// <exception cref="NftablesException">The library is not installed.</exception>
    public static Nftables Open()
    {
        try
        {
            var context = libnftables.nft_ctx_new(libnftables.NFT_CTX_DEFAULT);
            if (context == 0 || libnftables.nft_ctx_buffer_output(context) != 0 || libnftables.nft_ctx_buffer_error(context) != 0)
                throw new NftablesException("libnftables could not be started");
            return new(context);
        }
        catch (DllNotFoundException fault)
        {
            throw new NftablesException("libnftables.so.1 is not installed; on Debian: apt install libnftables1", fault);
        }
    }

    /// <summary>In that namespace; usable from any thread.</summary>
    public static Nftables OpenIn(NetworkNamespace space) => space.Inside(Open);

    /// <summary>Runs commands as one transaction: all of them, or none.</summary>
    /// <exception cref="NftablesException">In nft's own words.</exception>
    public void Run(string commands) => Query(commands);

    /// <summary>Runs commands and answers what nft prints.</summary>
    /// <param name="commands">In nft's language.</param>
    /// <param name="handles">Each rule with its handle, by which it can be deleted: <c>nft -a</c>.</param>
    /// <exception cref="NftablesException">In nft's own words.</exception>
    public unsafe string Query(string commands, bool handles = false)
    {
        lock (using_)
        {
            libnftables.nft_ctx_output_set_flags(context, handles ? libnftables.NFT_CTX_OUTPUT_HANDLE : libnftables.NFT_CTX_DEFAULT);
            for (var attempt = 1; ; attempt++)
            {
                var status = Undisturbed(commands);
                var output = Marshal.PtrToStringUTF8((nint)libnftables.nft_ctx_get_output_buffer(context)) ?? "";
                var errors = Marshal.PtrToStringUTF8((nint)libnftables.nft_ctx_get_error_buffer(context)) ?? "";
                if (status == 0)
                    return output;
                // EINTR: somebody changed the rules while they were listed, which the library does before every command. Nothing is in force.
                if (attempt == Attempts || !errors.Contains("Interrupted system call", StringComparison.Ordinal))
                    throw new NftablesException($"nftables: {FirstLine(errors)}");
                Thread.Sleep(attempt / 4);
            }
        }
    }

    /// <summary>Frees the library's context.</summary>
    public void Dispose()
    {
        lock (using_)
        {
            if (context != 0)
                libnftables.nft_ctx_free(context);
            context = 0;
        }
    }

    // The library waits for the kernel's answer with select(2) and takes a signal for a failure, when all is in force already; and the
    // runtime sends its threads signals to stop them for a collection. This one needs no stopping while it is in native code.
    private unsafe int Undisturbed(string commands)
    {
        byte* all = stackalloc byte[spawn.SignalSetSize];
        byte* before = stackalloc byte[spawn.SignalSetSize];
        spawn.sigfillset(all);
        var blocked = signals.pthread_sigmask(signals.SIG_BLOCK, all, before) == 0;
        try
        {
            return libnftables.nft_run_cmd_from_buffer(context, commands);
        }
        finally
        {
            if (blocked)
                _ = signals.pthread_sigmask(signals.SIG_SETMASK, before, null);
        }
    }

    private static string FirstLine(string errors) => errors.Split('\n', 2)[0] is { Length: > 0 } line ? line : "it refused without a word";
}
