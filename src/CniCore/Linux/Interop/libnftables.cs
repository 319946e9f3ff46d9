using System.Runtime.InteropServices;

namespace CniCore.Linux.Interop;

/// <summary>nftables/libnftables.h</summary>
internal static unsafe partial class libnftables
{
    private const string Library = "libnftables.so.1";

    public const uint NFT_CTX_DEFAULT = 0;
    public const uint NFT_CTX_OUTPUT_HANDLE = 1 << 3;

    // struct nft_ctx *nft_ctx_new(uint32_t flags);
    [LibraryImport(Library)]
    public static partial nint nft_ctx_new(uint flags);

    // void nft_ctx_free(struct nft_ctx *ctx);
    [LibraryImport(Library)]
    public static partial void nft_ctx_free(nint ctx);

    // void nft_ctx_output_set_flags(struct nft_ctx *ctx, unsigned int flags);
    [LibraryImport(Library)]
    public static partial void nft_ctx_output_set_flags(nint ctx, uint flags);

    // int nft_ctx_buffer_output(struct nft_ctx *ctx);
    [LibraryImport(Library)]
    public static partial int nft_ctx_buffer_output(nint ctx);

    // int nft_ctx_buffer_error(struct nft_ctx *ctx);
    [LibraryImport(Library)]
    public static partial int nft_ctx_buffer_error(nint ctx);

    // const char *nft_ctx_get_output_buffer(struct nft_ctx *ctx);
    [LibraryImport(Library)]
    public static partial byte* nft_ctx_get_output_buffer(nint ctx);

    // const char *nft_ctx_get_error_buffer(struct nft_ctx *ctx);
    [LibraryImport(Library)]
    public static partial byte* nft_ctx_get_error_buffer(nint ctx);

    // int nft_run_cmd_from_buffer(struct nft_ctx *nft, const char *buf);
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int nft_run_cmd_from_buffer(nint ctx, string buf);
}
