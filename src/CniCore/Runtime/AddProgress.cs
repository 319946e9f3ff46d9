using CniCore.Cache;
using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>
/// How far an ADD has come: which plugins an undo must visit, and with which result. Before an executable starts, this is on disk: if the
/// process is killed, DEL gets the result that the spec asks for (section 4, "DEL"), without which the reference firewall leaves its rules.
/// Built-ins find what they have made by its comment, so nothing is written between two of them.
/// </summary>
internal sealed class AddProgress(AttachmentStore store, Attachment attachment)
{
    private readonly bool[] isBuiltin =
    [
        .. attachment.List.Plugins.Select(plugin => attachment.Builtins.Contains(plugin.Type.ToString())),
    ];

    /// <summary>How many plugins, counted from the first, may have done something.</summary>
    public int Begun { get; private set; }

    /// <summary>The result of the last plugin that succeeded; null if none has.</summary>
    public CniResult? Result { get; set; }

    /// <summary>The attachment so far, without the plugins that have not started.</summary>
    public Attachment SoFar => WithFirst(Begun);

    /// <summary>Stores the intent before anything runs.</summary>
    public void Store() => store.Save(WithFirst(NextStored(1)));

    /// <summary>Call this before the next plugin starts.</summary>
    public void Begin()
    {
        if (Begun > 0 && IsStoredBefore(Begun))
            store.Save(WithFirst(NextStored(Begun + 1)));
        Begun++;
    }

    /// <summary>Call this if the plugin could not be started.</summary>
    public void NeverStarted() => Begun--;

    private bool IsStoredBefore(int plugin) => !isBuiltin[plugin - 1] || !isBuiltin[plugin];

    private int NextStored(int plugin) =>
        Enumerable.Range(plugin, Math.Max(isBuiltin.Length - plugin, 0)).FirstOrDefault(IsStoredBefore, isBuiltin.Length);

    private Attachment WithFirst(int count) => attachment with
    {
        Result = Result,
        Done = count < isBuiltin.Length ? [.. Enumerable.Range(count, isBuiltin.Length - count)] : null,
    };
}
