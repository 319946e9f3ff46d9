using CniCore.Cache;
using CniCore.Config;
using CniCore.Spec;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    /// <summary>
    /// Takes an attachment into the cache that was made with it and whose file was lost, so that its DEL can be run. No plugin runs. One
    /// that is there is left as it is.
    /// </summary>
    /// <param name="list">The list it was made with.</param>
    /// <param name="request">What its ADD was given, as far as that is known.</param>
    /// <param name="result">What its ADD answered, as far as that is known.</param>
    /// <param name="cancel">Ends the wait for the container's lock.</param>
    public async Task AdoptAsync(NetworkList list, AttachmentRequest request, CniResult result, CancellationToken cancel)
    {
        using var held = await locks.ForAttachmentAsync(request.ContainerId, list.Name, cancel);
        if (Find(list.Name, request.ContainerId, request.IfName) is null)
            store.Save(NewAttachment(list, request) with { Phase = AttachmentPhase.Added,
                Result = result with { CniVersion = list.CniVersion } });
    }

    private Attachment NewAttachment(NetworkList list, AttachmentRequest request) => new()
    {
        ContainerId = request.ContainerId.ToString(),
        Network = list.Name.ToString(),
        IfName = request.IfName.ToString(),
        NetNs = request.NetNs,
        Phase = AttachmentPhase.Adding,
        List = Stored(list),
        Args = CniArgs.Join(request.Args),
        Capabilities = request.Capabilities,
        Builtins = chain.BuiltinsFor(list),
        CreatedAt = clock.GetUtcNow(),
    };
}
