using CniCore.Spec;

namespace CniCore.Config;

/// <summary>What a configuration folder holds: the usable lists in the order their files sort, and the files that are broken.</summary>
public sealed record FolderReading(IReadOnlyList<NetworkList> Lists, IReadOnlyList<BrokenList> Broken);
