using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Xml.Linq;
using Docker.DotNet;
using Docker.DotNet.Models;
using DockerDriver.Configuration;

namespace DockerDriver.Tests.Publishing;

/// <summary>
/// Which of Docker.DotNet's models are linked. Its two JSON contexts name all of Docker's API, a quarter of the file if they stay, so
/// the files of src/DockerDriver/Linking, one a context, have the linker take out what no call of ours sends or receives. Those calls are
/// written down here, and from them follows the rest.
/// </summary>
public sealed class DockerModelsTests
{
    private static readonly string Linking =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../src/DockerDriver/Linking"));
    private static readonly Assembly Package = typeof(DockerClient).Assembly;
    private static readonly Type Filters = typeof(IDictionary<string, IDictionary<string, bool>>);

    private static readonly Type Models = Package.GetType("Docker.DotNet.Models.DockerModelsJsonSerializerContext", throwOnError: true)!;
    private static readonly Type Extended = Package.GetType("Docker.DotNet.DockerExtendedJsonSerializerContext", throwOnError: true)!;

    private static readonly Dictionary<string, Type[]> Calls = new()
    {
        ["IContainerOperations.InspectContainerAsync"] = [typeof(ContainerInspectResponse)],
        ["IContainerOperations.ListContainersAsync"] = [Filters, typeof(ContainerListResponse[])],
        ["IContainerOperations.StartContainerAsync"] = [],
        ["IContainerOperations.StopContainerAsync"] = [],
        ["IImageOperations.InspectImageAsync"] = [typeof(ImageInspectResponse)],
        ["INetworkOperations.CreateNetworkAsync"] = [typeof(NetworksCreateParameters), typeof(NetworksCreateResponse)],
        ["INetworkOperations.ListNetworksAsync"] = [Filters, typeof(NetworkResponse[])],
        ["ISystemOperations.GetSystemInfoAsync"] = [typeof(SystemInfoResponse)],
        ["ISystemOperations.MonitorEventsAsync"] = [Filters, typeof(Message)],
        ["ISystemOperations.PingAsync"] = [],
    };

    [Fact]
    public void Calls_AreAllThatTheProgramMakes()
    {
        using var program = new PEReader(File.OpenRead(typeof(Settings).Assembly.Location));
        var metadata = program.GetMetadataReader();
        var made = metadata.MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.Parent.Kind == HandleKind.TypeReference)
            .Select(member =>
                (Type: metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name),
                    Name: metadata.GetString(member.Name)))
            .Where(member => Package.GetType($"Docker.DotNet.{member.Type}") is { IsInterface: true }
                && member.Type.EndsWith("Operations", StringComparison.Ordinal))
            .Select(member => $"{member.Type}.{member.Name}");
        Assert.Equal(Calls.Keys.Order(StringComparer.Ordinal), made.Distinct().Order(StringComparer.Ordinal));
    }

    // The package asks the one context first: what it knows is never asked of the other.
    [Fact]
    public void UnusedModels_AreWhatNoCallNeeds()
    {
        var needed = Needed();
        AssertRecorded("UnusedDockerModels.xml", Models, Makers(Models).Where(maker => !needed.Contains(Made(maker))));
        var known = Makers(Models).Select(Made).ToHashSet();
        AssertRecorded("UnusedDockerExtendedModels.xml", Extended,
            Makers(Extended).Where(maker => !needed.Contains(Made(maker)) || known.Contains(Made(maker))));
    }

    private static void AssertRecorded(string file, Type context, IEnumerable<MethodInfo> unused)
    {
        var methods = unused
            .Select(maker => $"{NameOf(maker.ReturnType)} {maker.Name}({NameOf(typeof(JsonSerializerOptions))})")
            .Order(StringComparer.Ordinal)
            .Select(signature => new XElement("method", new XAttribute("signature", signature), new XAttribute("body", "remove")));
        var text = new XDocument(
            new XComment(" What of Docker's API cnid does not use. A test writes this file and says why: "
                + "tests/DockerDriver.Tests/Publishing/DockerModelsTests.cs "),
            new XElement("linker", new XElement("assembly", new XAttribute("fullname", Package.GetName().Name!),
                new XElement("type", new XAttribute("fullname", context.FullName!), methods)))) + "\n";
        var path = Path.Combine(Linking, file);
        if (!File.Exists(path))
            File.WriteAllText(path, text); // delete the file to record it anew
        Assert.Equal(File.ReadAllText(path), text);
    }

    /// <summary>The calls' types, and all that they are made of: what is in an answer is the engine's choice.</summary>
    private static HashSet<Type> Needed()
    {
        var options = OptionsOfPackage();
        var needed = new HashSet<Type>();
        var open = new Queue<Type>(Calls.Values.SelectMany(types => types));
        while (open.TryDequeue(out var type))
        {
            if (!needed.Add(type))
                continue;
            var info = options.GetTypeInfo(type);
            var parts = info.Kind == JsonTypeInfoKind.Object ? info.Properties.Select(property => property.PropertyType) : [];
            foreach (var part in parts.Append(info.ElementType).Append(info.KeyType)
                .Append(Nullable.GetUnderlyingType(type)).OfType<Type>())
                open.Enqueue(part);
        }
        return needed;
    }

    private static JsonSerializerOptions OptionsOfPackage()
    {
        var serializer = Package.GetType("Docker.DotNet.JsonSerializer", throwOnError: true)!;
        var options = serializer.GetField("_options", BindingFlags.Instance | BindingFlags.NonPublic);
        return Assert.IsType<JsonSerializerOptions>(options?.GetValue(serializer.GetProperty("Instance")?.GetValue(null)));
    }

    private static IEnumerable<MethodInfo> Makers(Type context) => context
        .GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        .Where(method => method.Name.StartsWith("Create_", StringComparison.Ordinal));

    private static Type Made(MethodInfo maker) => maker.ReturnType.GetGenericArguments()[0];

    // As the linker spells types.
    private static string NameOf(Type type) => type switch
    {
        { IsArray: true } => NameOf(type.GetElementType()!) + "[]",
        { IsConstructedGenericType: true } =>
            $"{NameOf(type.GetGenericTypeDefinition())}<{string.Join(',', type.GetGenericArguments().Select(NameOf))}>",
        _ => type.FullName!.Replace('+', '/'),
    };

    private static string Here([CallerFilePath] string path = "") => path;
}
