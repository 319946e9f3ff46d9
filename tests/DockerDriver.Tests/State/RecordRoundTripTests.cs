using System.Text.Json;
using CsCheck;
using DockerDriver.Errors;
using DockerDriver.Labels;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace DockerDriver.Tests.State;

/// <summary>Records and port labels are read as they are written, for any value (CsCheck).</summary>
public sealed class RecordRoundTripTests : IDisposable
{
    private static readonly Gen<string> Text = Gen.String[Gen.Char, 0, 20].Where(text => !text.Any(char.IsSurrogate));

    private static readonly Gen<PublishedPort> Port = Gen.Select(
        Gen.OneOf(Gen.Const("tcp"), Gen.Const("udp"), Gen.Const("sctp")),
        Gen.OneOf(Gen.Const(""), Gen.Const("127.0.0.1"), Gen.Const("::1")),
        Gen.Int[1, 65535],
        Gen.Int[1, 65535],
        (protocol, address, host, inside) => new PublishedPort(protocol, address, host, inside));

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Endpoint_IsReadAsItIsWritten() => Gen.Select(
        Text, Text, Gen.Byte.Array[4], Gen.Int[0, 32], Port.Array[0, 5], Gen.Dictionary(Text, Text)[0, 3], Gen.Enum<EndpointPhase>())
        .Sample((network, remark, address, length, ports, args, phase) =>
        {
            var record = new StoredEndpoint
            {
                Id = "e1", NetworkId = network, ListName = "pods", Remark = remark, Phase = phase, Ports = ports, Args = args,
                Addresses = [$"{new System.Net.IPAddress(address)}/{length}"],
            };
            var state = new StateFolder<StoredEndpoint>(
                folder, StateJson.Default.StoredEndpoint, NullLogger<StateFolder<StoredEndpoint>>.Instance);
            state.Save(record);
            return Json(state.Peek("e1")) == Json(record);
        }, iter: 200, threads: 1);

    [Fact]
    public void Ports_AreReadAsTheyAreWritten() => Port.Array[1, 5].Sample(ports =>
    {
        var label = string.Join(',', ports.Select(port =>
            (port.HostIp.Length == 0 ? "" : $"{(port.HostIp.Contains(':', StringComparison.Ordinal) ? $"[{port.HostIp}]" : port.HostIp)}:")
            + $"{port.HostPort}:{port.ContainerPort}/{port.Protocol}"));
        return PortLabel.Parse("cni.ports", label).Select(port => (port.HostIp, port.HostPort, port.Port))
            .SequenceEqual(ports.Select(port => ((string?)port.HostIp, port.HostPort, port.ContainerPort)));
    });

    [Fact]
    public void Ports_OfManyRanges_AreRefusedBeforeTheyTakeMemory()
    {
        var label = string.Join(',', Enumerable.Repeat("1-65535", 10_000)); // 650 million ports
        var before = GC.GetAllocatedBytesForCurrentThread();

        var fault = Assert.Throws<RefusedException>(() => PortLabel.Parse("cni.ports", label));

        Assert.Contains("stands for more than 196605 ports", fault.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 * 1024 * 1024);
    }

    private static string Json(StoredEndpoint? record) => JsonSerializer.Serialize(record!, StateJson.Default.StoredEndpoint);
}
