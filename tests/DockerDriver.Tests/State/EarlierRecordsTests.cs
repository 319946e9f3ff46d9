using System.Reflection;
using System.Text.Json.Serialization.Metadata;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.State;

/// <summary>The records that cnid 0.1 stored can be read.</summary>
public sealed class EarlierRecordsTests
{
    private static readonly string Files = Path.Combine(CnidFile.Repository, "tests/Support/StateOf01");

    [Fact]
    public void Records_WithoutLaterMembers_HaveDefaults()
    {
        object[] records =
        [
            .. Read("networks", StateJson.Default.StoredNetwork), .. Read("endpoints", StateJson.Default.StoredEndpoint),
            .. Read("containers", StateJson.Default.StoredContainer), .. Read("pools", StateJson.Default.StoredPool),
            .. Read("reservations", StateJson.Default.StoredReservation),
        ];
        Assert.Equal(9, records.Length);
        foreach (var record in records)
            HasNoUnexpectedNull(record);
    }

    private static IEnumerable<object> Read<T>(string folder, JsonTypeInfo<T> type) where T : class, IStored =>
        new StateFolder<T>(Path.Combine(Files, folder), type, NullLogger<StateFolder<T>>.Instance).Peek();

    private static void HasNoUnexpectedNull(object record)
    {
        var nullability = new NullabilityInfoContext();
        foreach (var property in record.GetType().GetProperties().Where(property => property.CanWrite))
        {
            if (nullability.Create(property).ReadState == NullabilityState.NotNull && !property.PropertyType.IsValueType)
                Assert.True(property.GetValue(record) is not null, $"{record.GetType().Name}.{property.Name} is null");
        }
        if (record is StoredNetwork { Bridge: { } bridge })
            HasNoUnexpectedNull(bridge);
    }
}
