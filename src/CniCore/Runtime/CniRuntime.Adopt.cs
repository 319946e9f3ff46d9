using CniCore.Cache;
using CniCore.Config;
using CniCore.Spec;

namespace CniCore.Runtime;

public sealed partial class CniRuntime
{
    /// <summary>
    /// Stores an attachment that exists but whose file was lost, so that its DEL can run. Runs no plugin. Does nothing if the attachment is
    /// in the store.
    /// </summary>
    /// <param name="list">The list that ADD ran.</param>
    /// <param name="request">What ADD was given, as far as known.</param>
    /// <param name="result">What ADD returned, as far as known.</param>
    /// <param name="cancel">Ends the wait for the container's lock.</param>
    public async Task AdoptAsync(NetworkList list, AttachmentRequest request, CniResult result, CancellationToken cancel)
    {
        using var held = await locks.ForAttachmentAsync(request.ContainerId, list.Name, cancel);
        if (store.Find(list.Name.ToString(), request.ContainerId.ToString(), request.IfName.ToString()) is null)
            store.Save(NewAttachment(list, request) with
            {
                Phase = AttachmentPhase.Added,
                Result = result with { CniVersion = list.CniVersion }
            });
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
