using System.Text;
using System.Text.Json.Serialization.Metadata;
using CniCore.Cache;
using CniCore.Linux.Files;
using CniCore.Plugins.Bridge;
using CniCore.Spec;
using DockerDriver.Attachments;
using DockerDriver.Engine.Files;
using DockerDriver.OciRuntime;
using DockerDriver.State;
using Microsoft.Extensions.Logging.Abstractions;
using EngineResolvConf = DockerDriver.Engine.Files.ResolvConf;

namespace Fuzz.Targets;

/// <summary>Files of state, of the engine, and of containers.</summary>
internal static class OfFiles
{
    private const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    public static IReadOnlyList<Target> All { get; } =
    [
        new("state-file", Form.Json, State, [],
            "StateFolder:Parse RefuseNull IsStored", "StateFiles:Look", "StoredAddresses", "GeneratedBridge:Check"),
        new("cache-file", Form.Json, Cache, [], "AttachmentStore:Read Bytes", "StateFiles:Look"),
        new("oci-bundle", Form.Json, Bundle, [typeof(OciRuntimeException)], "Bundle"),
        new("container-on-disk", Form.Json, Container, [typeof(OciRuntimeException)], "ContainerOnDisk", "Engine/Files/PublishedPorts"),
        new("image-on-disk", Form.Json, Image, [typeof(IOException)], "EngineImage"),
        new("hosts", Form.Text, Hosts, [], "ContainerFiles", "Engine/Files/ResolvConf"),
    ];

    private static void State(byte[] input)
    {
        using var folder = new InputFolder();
        switch (Targets.All.Choice(input, 6, out var json))
        {
            case 0:
                if (Peek(folder, json, StateJson.Default.StoredNetwork) is { } network)
                    _ = (network.ListName, network.AddsInCreateEndpoint, network.Bridge?.Subnets.Count());
                break;
            case 1:
                if (Peek(folder, json, StateJson.Default.StoredEndpoint) is { } endpoint)
                    _ = (endpoint.Args.Count, endpoint.Ports.Count);
                break;
            case 2: _ = Peek(folder, json, StateJson.Default.StoredContainer); break;
            case 3: _ = Peek(folder, json, StateJson.Default.StoredPool); break;
            case 4: _ = Peek(folder, json, StateJson.Default.StoredReservation); break;
            default: _ = Peek(folder, json, StateJson.Default.StoredStart); break;
        }
    }

    // What is read can be written, and read again.
    private static T? Peek<T>(InputFolder folder, byte[] json, JsonTypeInfo<T> type) where T : class, IStored
    {
        _ = folder.Write("id.json", json);
        var state = new StateFolder<T>(folder.Path, type, NullLogger<StateFolder<T>>.Instance);
        state.Load();
        if (state.Find("id") is not { } record)
            return null;
        state.Save(record);
        return state.Peek("id") ?? throw new InvalidOperationException("the record cannot be read after it was written");
    }

    private static void Cache(byte[] input)
    {
        using var folder = new InputFolder();
        _ = folder.Write(Attachment.FileNameOf("pods", "c", "eth0"), input);
        var store = new AttachmentStore(folder.Path, copies: null, NullLogger.Instance);
        if (store.Find("pods", "c", "eth0") is not { } attachment)
            return;
        store.Save(attachment);
        if (store.All().Count != 1)
            throw new InvalidOperationException("the attachment cannot be read after it was written");
    }

    private static void Bundle(byte[] input)
    {
        using var folder = new InputFolder();
        _ = folder.Write("config.json", input);
        var bundle = DockerDriver.OciRuntime.Bundle.Open(folder.Path);
        _ = bundle.HasNewNetworkNamespace;
        _ = ContainerOnDisk.Find(bundle, Id);
        bundle.AddCreateRuntimeHook("/usr/bin/cnid", ["cnid", "attach-hook"], TimeSpan.FromSeconds(30));
        _ = DockerDriver.OciRuntime.Bundle.Open(folder.Path);
    }

    // The two files one after the other, with a zero between.
    private static void Container(byte[] input)
    {
        using var folder = new InputFolder();
        var end = Array.IndexOf(input, (byte)0);
        var config = folder.Write($"containers/{Id}/config.v2.json", end < 0 ? input : input[..end]);
        _ = folder.Write($"containers/{Id}/hostconfig.json", end < 0 ? "{}"u8.ToArray() : input[(end + 1)..]);
        _ = folder.Write("config.json", Encoding.UTF8.GetBytes($$"""{"mounts":[{"source":"{{Path.GetDirectoryName(config)}}/hosts"}]}"""));
        var container = ContainerOnDisk.Find(DockerDriver.OciRuntime.Bundle.Open(folder.Path), Id)!;
        _ = (container.IsOnNone, container.Name.Length, container.NetworkMode.Length, container.Labels.Count, container.Published.Count);
    }

    private static void Image(byte[] input)
    {
        using var folder = new InputFolder();
        var choice = Targets.All.Choice(input, 2, out var json);
        var container = choice == 0 ? json : Encoding.UTF8.GetBytes($$"""{"Image":"sha256:{{Id}}","Driver":"overlay2"}""");
        var file = folder.Write($"containers/{Id}/config.v2.json", container);
        if (choice == 1)
            _ = folder.Write($"image/overlay2/imagedb/content/sha256/{Id}", json);
        _ = EngineImage.LabelsOf(Path.GetDirectoryName(file)!).Count;
    }

    private static void Hosts(byte[] input)
    {
        using var folder = new InputFolder();
        var end = Array.IndexOf(input, (byte)0);
        _ = folder.Write("hosts", end < 0 ? input : input[..end]);
        _ = folder.Write("resolv.conf", end < 0 ? input : input[(end + 1)..]);
        _ = folder.Write("hostname", end < 0 ? input : input[..end]);
        var result = new CniResult
        {
            CniVersion = "1.0.0",
            Ips = [new() { Address = CidrAddress.Parse("10.1.0.5/16") }],
            Dns = new() { NameServers = ["10.1.0.1"], Search = ["a.test"], Options = ["ndots:2"] },
        };
        var container = new StoredContainer { Id = Id, Folder = folder.Path };
        foreach (var fault in ContainerFiles.Write(container, [result]))
            throw new InvalidOperationException(fault);
        var once = File.ReadAllBytes(Path.Combine(folder.Path, "hosts"));
        _ = ContainerFiles.Write(container, [result]);
        if (!once.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(folder.Path, "hosts"))))
            throw new InvalidOperationException("hosts grows when it is written again");
    }
}
