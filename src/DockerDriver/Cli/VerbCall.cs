using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Admin;
using DockerDriver.Errors;

namespace DockerDriver.Cli;

/// <summary>The arguments of a CNI verb on the command line.</summary>
internal sealed record VerbCall(CniRuntime Runtime, NetworkList List, string NetNs, string? IfName)
{
    private const string DefaultIfName = "eth0";
    private const string IdPrefix = "cnitool-";
    private static readonly TimeSpan DaemonTimeout = TimeSpan.FromMinutes(1);

    /// <summary>The daemon's admin socket.</summary>
    public required string AdminSocket { get; init; }

    /// <summary>
    /// The request as cnitool derives it: interface name from the option, <c>CNI_IFNAME</c> or eth0; <c>CNI_ARGS</c>; <c>CAP_ARGS</c>, a
    /// JSON object.
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

    /// <summary>The network's attachments that this verb must keep: those of the daemon.</summary>
    public IReadOnlyList<(ContainerId ContainerId, InterfaceName IfName)> MadeByOthers() =>
    [
        .. from attachment in Runtime.Attachments()
           where attachment.Network == List.Name.ToString() && !attachment.ContainerId.StartsWith(IdPrefix, StringComparison.Ordinal)
           select (ContainerId.Parse(attachment.ContainerId), InterfaceName.Parse(attachment.IfName)),
    ];

    /// <summary>Lets the daemon retry its failed DELs.</summary>
    /// <exception cref="RefusedException">A DEL failed again.</exception>
    public void RetryByDaemon()
    {
        try
        {
            var answer = AdminClient.Ask(AdminSocket, "POST", $"/none/retry/{List.Name}", [], DaemonTimeout);
            if (!answer.IsSuccess)
                throw new RefusedException(answer.Reason);
        }
        catch (IOException)
        {
            // no daemon: it retries at its start
        }
    }

    private static Dictionary<string, JsonElement> Capabilities()
    {
        if (Variable("CAP_ARGS") is not { } text)
            return [];
        try
        {
            return UserJson.Parse(text).EnumerateObject().ToDictionary(capability => capability.Name, capability => capability.Value);
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
