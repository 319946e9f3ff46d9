namespace CniCore.Tests.House;

/// <summary>A folder of <c>src</c>, or a file of it.</summary>
/// <param name="Folder">Its path under <c>src</c>.</param>
/// <param name="Allowed">The namespaces that it may use besides its own.</param>
internal sealed record HouseRow(string Folder, IReadOnlyList<string> Allowed)
{
    public string Namespace => Folder.Replace('/', '.');
}
