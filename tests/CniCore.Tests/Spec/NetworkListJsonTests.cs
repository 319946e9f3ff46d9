using System.Text;
using System.Text.Json;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Tests.Spec;

public sealed class NetworkListJsonTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","plugins":[{"type":"bridge"}]}""")]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","disableCheck":true,"disableGC":true,"plugins":[{"type":"a","x":{"y":null}}]}""")]
    [InlineData("""{"cniVersion":"1.1.0","name":"n","plugins":[{"type":"a"},{"type":"b"}],"cniVersions":["1.0.0","1.1.0"]}""")]
    public void ToJson_OfAParsedList_IsTheSame(string json) =>
        Assert.Equal(json, Encoding.UTF8.GetString(NetworkList.Parse(Encoding.UTF8.GetBytes(json)).ToJson()));

    [Fact]
    public void With_AnotherPlugin_KeepsTheOthers()
    {
        var list = NetworkList.Parse("""{"name":"n","plugins":[{"type":"a"},{"type":"b","mtu":1}]}"""u8.ToArray());
        var changed = list.With(1, list.Plugins[1].With("ipam", new System.Text.Json.Nodes.JsonObject { ["type"] = "static" }));
        Assert.Equal(["a", "b"], changed.Plugins.Select(plugin => plugin.Type.ToString()));
        Assert.Equal("static", changed.Plugins[1].IpamType?.ToString());
        Assert.Null(list.Plugins[1].Ipam);
        Assert.Equal(1, changed.Plugins[1].Json.GetProperty("mtu").GetInt32());
    }

    // A later runtime can use the file: it is not set aside.
    [Theory]
    [InlineData("""{"cniVersion":"9.9.9","name":"n","plugins":[{"type":"a"}]}""", StateFileFault.Later)]
    [InlineData("""{"cniVersion":"1.0.0","name":"n","plugins":[]}""", StateFileFault.Corrupt)]
    public void Look_AtAListThatCannotBeRead_TellsALaterVersionFromACorruptFile(string list, StateFileFault expected)
    {
        var path = Path.Combine(folder, "a.json");
        File.WriteAllText(path, $$"""{"schema":1,"list":{{list}}}""");
        Assert.Null(StateFiles.Look(path, json => Read(json.GetProperty("list").GetRawText()), out var fault, out _));
        Assert.Equal(expected, fault);
    }

    private static NetworkList Read(string json)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(json));
        return new NetworkListJson().Read(ref reader, typeof(NetworkList), JsonSerializerOptions.Default);
    }
}
