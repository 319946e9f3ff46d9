using System.Diagnostics;
using System.Text;
using System.Text.Json;
using CniCore.Config;
using CniCore.Spec;

namespace CniCore.Tests.Config;

public sealed class NetworkListTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Read_BrokenFile_HidesNoOther_AndIsReportedByNameAndLine()
    {
        Write("10-broken.conflist", "{\n \"name\": \"x\",\n oops }");
        Write("20-good.conflist", """{"cniVersion":"1.0.0","name":"good","plugins":[{"type":"bridge"}]}""");

        var reading = new NetworkListFolder(folder).Read();

        Assert.Equal("good", Assert.Single(reading.Lists).Name.ToString());
        Assert.Contains("10-broken.conflist:3:", Assert.Single(reading.Broken).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("mkfifo 10-bad.conflist", "10-bad.conflist is not a regular file")]
    [InlineData("ln -s /dev/zero 10-bad.conflist", "10-bad.conflist is not a regular file")]
    [InlineData("truncate -s 4G 10-bad.conflist", "10-bad.conflist is longer than 1048576 bytes")]
    [InlineData("mkdir good; mkfifo good/10.conf", "10.conf is not a regular file")]
    public async Task Read_WhatHasNoEnd_IsRefused_AndHidesNoOther(string command, string reason)
    {
        await Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = folder })!.WaitForExitAsync();
        Write("20-good.conflist", """{"cniVersion":"1.0.0","name":"good","plugins":[{"type":"bridge"}]}""");
        Write("30-other.conflist", """{"cniVersion":"1.0.0","name":"other","plugins":[{"type":"bridge"}]}""");

        var reading = await Task.Run(() => new NetworkListFolder(folder).Read()).WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Contains("other", reading.Lists.Select(list => list.Name.ToString()));
        Assert.Contains(reason, Assert.Single(reading.Broken).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LinkToAFile_IsFollowed()
    {
        Write("list", """{"cniVersion":"1.0.0","name":"linked","plugins":[{"type":"bridge"}]}""");
        File.CreateSymbolicLink(Path.Combine(folder, "10.conflist"), "list");

        Assert.Equal("linked", Assert.Single(new NetworkListFolder(folder).Read().Lists).Name.ToString());
    }

    [Fact]
    public void Find_ListAndSingleOfOneName_TheListWins()
    {
        Write("00.conf", """{"cniVersion":"1.0.0","name":"net","type":"ptp"}""");
        Write("99.conflist", """{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"bridge"}]}""");

        Assert.Equal("bridge", new NetworkListFolder(folder).Find(NetworkName.Parse("net")).Plugins[0].Type.ToString());
    }

    [Fact]
    public void Find_SubFolder_AppendsItsPlugins_UnlessForbidden()
    {
        Write("net.conflist", """{"cniVersion":"1.0.0","name":"net","plugins":[{"type":"bridge"}]}""");
        Write("net/10.conf", """{"type":"tuning"}""");
        Assert.Equal(2, new NetworkListFolder(folder).Find(NetworkName.Parse("net")).Plugins.Count);

        Write("net.conflist", """{"cniVersion":"1.0.0","name":"net","loadOnlyInlinedPlugins":"true","plugins":[{"type":"bridge"}]}""");
        Assert.Single(new NetworkListFolder(folder).Find(NetworkName.Parse("net")).Plugins);
    }

    [Fact]
    public void Find_NotThere_NamesFolderAndLists()
    {
        Write("a.conf", """{"name":"alpha","type":"ptp"}""");

        var fault = Assert.Throws<CniConfigException>(() => new NetworkListFolder(folder).Find(NetworkName.Parse("beta")));

        Assert.Contains(folder, fault.Message, StringComparison.Ordinal);
        Assert.Contains("alpha", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"../x","plugins":[{"type":"a"}]}""")]
    [InlineData("""{"name":"x","plugins":[]}""")]
    [InlineData("""{"name":"x","plugins":[{"type":"a/b"}]}""")]
    [InlineData("""{"name":"x","plugins":[{}]}""")]
    [InlineData("""{"name":"x","disableCheck":3,"plugins":[{"type":"a"}]}""")]
    [InlineData("""{"name":"x","cniVersions":["one"],"plugins":[{"type":"a"}]}""")]
    [InlineData("""{"name":"x","cniVersion":"7.0.0","plugins":[{"type":"a"}]}""")]
    [InlineData("[]")]
    public void Parse_BrokenList_IsRefused(string json) => Assert.Throws<CniConfigException>(() => List(json));

    [Fact]
    public void Parse_SeveralVersions_TheHighestKnownIsInForce() =>
        Assert.Equal(
            "1.1.0", List("""{"name":"x","cniVersion":"0.4.0","cniVersions":["1.1.0","9.0.0"],"plugins":[{"type":"a"}]}""").CniVersion);

    [Fact]
    public void Request_KeepsUnknownKeysByteForByte_AndPutsInOnlyWhatIsAskedFor()
    {
        var list =
            List(
                """{"name":"x","cniVersion":"1.0.0","plugins":[{"type":"a","capabilities":{"mac":true,"ips":false},"odd":"""
                    + """[1.0,1e3,"<\u003c>"]}]}""");
        using var capabilities = JsonDocument.Parse("""{"mac":"m","ips":["i"],"bandwidth":{}}""");

        var request = Encoding.UTF8.GetString(
            PluginRequest.For(list, list.Plugins[0], "{\"r\":1}"u8.ToArray(),
                capabilities.RootElement.EnumerateObject().ToDictionary(one => one.Name, one => one.Value.Clone())));

        Assert.Equal(
            """{"name":"x","cniVersion":"1.0.0","prevResult":{"r":1},"runtimeConfig":{"mac":"m"},"type":"a","capabilities":"""
                + """{"mac":true,"ips":false},"odd":[1.0,1e3,"<\u003c>"]}""", request);
    }

    private static NetworkList List(string json) => NetworkList.Parse(Encoding.UTF8.GetBytes(json));

    private void Write(string name, string content)
    {
        var path = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
