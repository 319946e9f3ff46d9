using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Admin;
using DockerDriver.Errors;

namespace DockerDriver.Cli;

/// <summary>One verb by hand, on one list.</summary>
internal sealed record VerbCall(CniRuntime Runtime, NetworkList List, string NetNs, string? IfName)
{
    private const string DefaultIfName = "eth0";
    private const string IdPrefix = "cnitool-";
    private static readonly TimeSpan DaemonsPatience = TimeSpan.FromMinutes(1);

    /// <summary>Where the daemon is to be found, should it run.</summary>
    public required string AdminSocket { get; init; }

    /// <summary>
    /// The request as cnitool derives it: interface name by flag, <c>CNI_IFNAME</c> or eth0; <c>CNI_ARGS</c>; <c>CAP_ARGS</c>, a JSON
    /// object.
    /// </summary>
    public AttachmentRequest Request()
    {
        var netns = Path.GetFullPath(NetNs);
        return new()
        {
            ContainerId = ContainerId.Parse(IdPrefix + Convert.ToHexStringLower(SHA512.HashData(Encoding.UTF8.GetBytes(netns)))[..20]),
            NetNs = netns,
            IfName = InterfaceName.Parse(IfName ?? Variable("CNI_IFNAME") ?? DefaultIfName),
            Args = AttachmentRequest.ParseArgs(Variable("CNI_ARGS") ?? ""),
            Capabilities = Capabilities(),
        };
    }

    /// <summary>The network's attachments that are not this verb's to delete: those of the daemon's containers, which live.</summary>
    public IReadOnlyList<(ContainerId ContainerId, InterfaceName IfName)> MadeByOthers() =>
    [
        .. from attachment in Runtime.Attachments()
           where attachment.Network == List.Name.ToString() && !attachment.ContainerId.StartsWith(IdPrefix, StringComparison.Ordinal)
           select (ContainerId.Parse(attachment.ContainerId), InterfaceName.Parse(attachment.IfName)),
    ];

    /// <summary>Has the daemon try again what it could not delete.</summary>
    /// <exception cref="RefusedException">It failed again.</exception>
    public void RetryByDaemon()
    {
        try
        {
            var answer = AdminClient.Ask(AdminSocket, "POST", $"/none/retry/{List.Name}", [], DaemonsPatience);
            if (!answer.IsSuccess)
                throw new RefusedException(answer.Reason);
        }
        catch (IOException)
        {
            // no daemon: it tries when it starts
        }
    }

    private static Dictionary<string, JsonElement> Capabilities()
    {
        if (Variable("CAP_ARGS") is not { } text)
            return [];
        try
        {
            return UserJson.Parse(text).EnumerateObject().ToDictionary(one => one.Name, one => one.Value);
        }
        catch (FormatException fault)
        {
            throw new CniConfigException($"CAP_ARGS {fault.Message}", fault);
        }
        catch (InvalidOperationException fault)
        {
            throw new CniConfigException("CAP_ARGS is not a JSON object", fault);
        }
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
