using System.Text;
using CniCore.Spec;

namespace CniCore.Tests.Runtime;

/// <summary>Stands at the seam under the runtime: notes every call, and answers what the test says.</summary>
internal sealed class RecordingInvoker : IPluginInvoker
{
    public List<(CniCommand Command, string Plugin, string Config)> Calls { get; } = [];

    public Func<PluginCall, string> Answer { get; set; } = call => call.Command == CniCommand.Version
        ? """{"cniVersion":"1.0.0","supportedVersions":["0.4.0","1.0.0"]}"""
        : $$"""{"cniVersion":"1.0.0","ips":[{"address":"10.0.0.5/24"}],"by":"{{call.Plugin}}"}""";

    /// <summary>The type that is not there.</summary>
    public string Missing { get; set; } = "";

    /// <summary>The types that are performed in this process.</summary>
    public string[] Builtins { get; set; } = [];

    public bool TakesBuiltin(PluginType type, bool preferred) => Builtins.Contains(type.ToString());

    public bool Has(PluginType type) => type.ToString() != Missing;

    public Task<PluginAnswer> InvokeAsync(PluginCall call, CancellationToken cancel)
    {
        if (!Has(call.Plugin))
            throw new CniPluginException(CniErrorCode.InvalidConfig,
                $"plugin {call.Plugin} is not in any folder")
            { Plugin = call.Plugin, NeverStarted = true };
        Calls.Add((call.Command, call.Plugin.ToString(), Encoding.UTF8.GetString(call.Config.Span)));
        return Task.FromResult(new PluginAnswer(Encoding.UTF8.GetBytes(Answer(call)), ""));
    }

    public IEnumerable<string> Verbs => Calls.Select(call => $"{call.Command} {call.Plugin}");
}
