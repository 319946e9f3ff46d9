using CniCore.Spec;

namespace DockerDriver.Lists;

/// <summary>A file of the configuration folder, and what would keep a container from being attached by it.</summary>
/// <param name="Path">The file.</param>
/// <param name="List">What it says, at the version its plugins agree on; null where it cannot be read.</param>
/// <param name="Faults">One line each; none where the list is usable.</param>
internal sealed record ListReview(string Path, NetworkList? List, IReadOnlyList<string> Faults)
{
    public bool IsUsable => Faults.Count == 0;
}
