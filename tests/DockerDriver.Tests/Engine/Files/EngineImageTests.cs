using DockerDriver.Engine.Files;
using DockerDriver.Labels;

namespace DockerDriver.Tests.Engine.Files;

/// <summary>An image's labels, from the files of both image stores of the engine.</summary>
public sealed class EngineImageTests : IDisposable
{
    private static readonly string Image = new('1', 64);
    private static readonly string Manifest = new('2', 64);
    private static readonly string Config = new('3', 64);
    private readonly string root = Directory.CreateTempSubdirectory().FullName;

    private string Blobs => Path.Combine(root, "containerd/daemon/io.containerd.content.v1.content/blobs/sha256");

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void A9_GraphDriversStore_HasTheImagesConfiguration()
    {
        Container($$"""{"Image":"sha256:{{Image}}","Driver":"overlay2"}""");
        Write(Path.Combine(root, "image/overlay2/imagedb/content/sha256", Image),
            """{"architecture":"amd64","config":{"Labels":{"a":"b"}}}""");

        Assert.Equal([new("a", "b")], Labels());
    }

    [Fact]
    public void A9_ContainerdsStore_HasTheManifestOfThePlatform()
    {
        Container(
            $$"""{"ImageManifest":{"mediaType":"m","digest":"sha256:{{Manifest}}"},"Image":"sha256:{{Image}}","Driver":"overlayfs"}""");
        Write(Path.Combine(Blobs, Image), """{"schemaVersion":2,"manifests":[]}""");
        Write(Path.Combine(Blobs, Manifest), $$"""{"config":{"digest":"sha256:{{Config}}"},"schemaVersion":2}""");
        Write(Path.Combine(Blobs, Config), """{"config":{"Labels":{"a":"b"}}}""");

        Assert.Equal([new("a", "b")], Labels());
    }

    [Fact]
    public void A9_IndexWithoutAMatchingManifest_IsNoAnswer()
    {
        Container($$"""{"Image":"sha256:{{Image}}","Driver":"overlayfs"}""");
        Write(Path.Combine(Blobs, Image), """{"schemaVersion":2,"manifests":[]}""");

        Assert.Contains("has several platforms", Assert.ThrowsAny<IOException>(Labels).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sha256:1111", "names no image")]
    [InlineData("", "names no image")]
    [InlineData("sha256:1111111111111111111111111111111111111111111111111111111111111111", "is not in the engine's folder")]
    [InlineData("sha256:../../../../../../../etc/passwd/../../../etc/aaaaaaaaaaaaaaaaaaaaaaaa", "names no image")]
    public void A9_ImageThatIsNotThere_IsNoAnswer(string image, string reason)
    {
        Container($$"""{"Image":"{{image}}","Driver":"../../etc"}""");

        Assert.Contains(reason, Assert.ThrowsAny<IOException>(Labels).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A9_Labels_CountWhereTheImageLacksThemOrHasAnotherValue()
    {
        var container = new Dictionary<string, string>
        {
            ["cni.networks"] = "podnet", ["cni.ports"] = "80:80",
            ["cni.podnet.mac"] = "x", ["other"] = "1"
        };
        var image = new Dictionary<string, string> { ["cni.networks"] = "theirs", ["cni.ports"] = "80:80", ["other"] = "1" };

        var ignored = CniLabels.OfImage(container, image);

        Assert.Equal(["cni.ports"], ignored);
        Assert.Equal(["cni.networks", "cni.podnet.mac", "other"], CniLabels.Without(container, ignored).Keys);
    }

    private IReadOnlyDictionary<string, string> Labels() => EngineImage.LabelsOf(Path.Combine(root, "containers/c1"));

    private void Container(string json) => Write(Path.Combine(root, "containers/c1/config.v2.json"), json);

    private static void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
