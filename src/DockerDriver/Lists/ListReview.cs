using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>A file of the configuration folder, and whether containers can be attached with it.</summary>
/// <param name="Path">The file.</param>
/// <param name="List">Its list, at the version that its plugins agree on; null where it cannot be parsed.</param>
/// <param name="Faults">One line each; empty where the list is usable.</param>
internal sealed record ListReview(string Path, NetworkList? List, IReadOnlyList<string> Faults)
{
    public bool IsUsable => Faults.Count == 0;
}
