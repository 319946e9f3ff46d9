using System.Net;
using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests;

/// <summary>What cnid 0.1 left of a host that was rebooted since: read, torn down, and its networks served.</summary>
public sealed class EarlierStateTests : PluginSocketTest
{
    private const string Web = "3a9ed594e4f26612f627633a9aeb4ffcaf6ea324a7407f2061d8a602001712a2";
    private static readonly string Files = Path.Combine(CnidFile.Repository, "tests/Support/StateOf01");

    public EarlierStateTests()
    {
        foreach (var file in Directory.EnumerateFiles(Files, "*.json", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(Settings.StateDir, Path.GetRelativePath(Files, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [Fact]
    public void Records_WithoutTheMembersThatCameLater_HaveTheirDefaults()
    {
        object[] records =
        [
            .. Of("networks", StateJson.Default.StoredNetwork), .. Of("endpoints", StateJson.Default.StoredEndpoint),
            .. Of("containers", StateJson.Default.StoredContainer), .. Of("pools", StateJson.Default.StoredPool),
            .. Of("reservations", StateJson.Default.StoredReservation),
        ];
        Assert.Equal(9, records.Length);
        foreach (var record in records)
            HasNoNullWhereNoneIsMeant(record);
    }

    [Fact]
    public async Task EndpointsOfAnEarlierBoot_AreTornDown_AndTheirNetworksGoOn()
    {
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("Plugin.Activate", "")).Status);
        Assert.Empty(Directory.EnumerateFiles(Settings.EndpointsFolder));
        Assert.Equal(3, Directory.EnumerateFiles(Settings.NetworksFolder).Count());

        var endpoint = $$$"""{"NetworkID":"{{{Web}}}","EndpointID":"e1","Interface":{"Address":"10.91.0.5/24"}}""";
        var (_, created) = await PostAsync("NetworkDriver.CreateEndpoint", endpoint);
        Assert.DoesNotContain("Err", created, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.DeleteEndpoint", endpoint));
        foreach (var network in Directory.EnumerateFiles(Settings.NetworksFolder).Select(Path.GetFileNameWithoutExtension).ToList())
            Assert.Equal((HttpStatusCode.OK, "{}"), await PostAsync("NetworkDriver.DeleteNetwork", $$"""{"NetworkID":"{{network}}"}"""));
        Assert.Empty(Directory.EnumerateFiles(Settings.NetworksFolder));
    }

    private static IEnumerable<object> Of<T>(string folder, JsonTypeInfo<T> type) where T : class, IStored =>
        new StateFolder<T>(Path.Combine(Files, folder), type, NullLogger<StateFolder<T>>.Instance).Peek();

    private static void HasNoNullWhereNoneIsMeant(object record)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var property in record.GetType().GetProperties().Where(property => property.CanWrite))
        {
            if (nullability.Create(property).ReadState == NullabilityState.NotNull && !property.PropertyType.IsValueType)
                Assert.True(property.GetValue(record) is not null, $"{record.GetType().Name}.{property.Name} is null");
        }
        if (record is StoredNetwork { Bridge: { } bridge })
            HasNoNullWhereNoneIsMeant(bridge);
    }
}
