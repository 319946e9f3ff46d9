using CniCore.Spec;

namespace CniCore.Runtime;

/// <summary>How far an ADD has come: what undoing it has to visit, and the result it has to give.</summary>
internal sealed class AddProgress
{
    /// <summary>How many plugins, from the first one on, may have done something.</summary>
    public int Begun { get; set; }

    /// <summary>The result of the last plugin that succeeded; null where none has.</summary>
    public CniResult? Result { get; set; }
}
