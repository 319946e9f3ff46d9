using System.Globalization;
using System.Text.Json.Nodes;
using DockerDriver.State;

namespace DockerDriver.Cli;

/// <summary>A container whose start failed because of a network, and is retried.</summary>
internal sealed record WaitingContainerItem(StoredStart Start) : IInventoryItem
{
    private const string Phase = "waiting";

    public bool IsNamed(string id) => Start.IsOf(id);

    public string[] Row() => ["-", Start.Container![..12], Start.Name, "-", "-", Phase, "-"];

    public IEnumerable<string> Notes() => [Start.Reason, $"{(Start.WasStopped ? "stopped" : "not started")}{Tried}; {Next}"];

    public JsonObject Json() => new()
    {
        ["network"] = null,
        ["containerId"] = Start.Container,
        ["name"] = Start.Name,
        ["phase"] = Phase,
        ["fault"] = Start.Reason,
        ["failedAt"] = Start.FailedAt,
        ["tries"] = Start.Tries,
        ["nextTry"] = Start.IsForNextBoot ? null : Start.NextTry,
    };

    private string Tried => Start.Tries == 0
        ? ""
        : string.Create(CultureInfo.InvariantCulture, $", nor {Start.Tries} time{(Start.Tries == 1 ? "" : "s")} since");

    private string Next => Start.IsForNextBoot
        ? $"started again after the next boot; cnid release {Start.Name} prevents it"
        : $"next try at {Start.NextTry.ToLocalTime():T}, until docker update --restart=no or cnid release {Start.Name}";
}
