using CniCore.Cache;
using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>
/// How far an ADD has come: what undoing it has to visit, and the result it has to give. Of executables that is on disk before the next
/// plugin starts: killed then, its DEL is given what the spec asks for (section 4, "DEL": the result of ADD), without which the
/// reference's firewall leaves its rules. Built-ins find what they have made by its mark: between two of them nothing is written.
/// </summary>
internal sealed class AddProgress(AttachmentStore store, Attachment attachment)
{
    private readonly bool[] isBuiltin =
    [
        .. attachment.List.Plugins.Select(plugin => attachment.Builtins.Contains(plugin.Type.ToString())),
    ];

    /// <summary>How many plugins, from the first one on, may have done something.</summary>
    public int Begun { get; private set; }

    /// <summary>The result of the last plugin that succeeded; null where none has.</summary>
    public CniResult? Result { get; set; }

    /// <summary>The attachment as far as it has come: without the plugins that have not begun.</summary>
    public Attachment SoFar => WithFirst(Begun);

    /// <summary>Stores the intent, before anything runs.</summary>
    public void Store() => store.Save(WithFirst(NextStored(1)));

    /// <summary>The next plugin is about to start.</summary>
    public void Begin()
    {
        if (Begun > 0 && IsStoredBefore(Begun))
            store.Save(WithFirst(NextStored(Begun + 1)));
        Begun++;
    }

    /// <summary>The plugin that was about to start has not.</summary>
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
