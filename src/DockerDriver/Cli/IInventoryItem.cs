using System.Text.Json.Nodes;

namespace DockerDriver.Cli;

/// <summary>An item of the inventory.</summary>
internal interface IInventoryItem
{
    /// <summary>Whether it has that name or id, or an id that begins with it.</summary>
    bool IsNamed(string id);

    /// <summary>Its row in a table.</summary>
    string[] Row();

    /// <summary>Lines below its row, such as errors.</summary>
    IEnumerable<string> Notes();

    /// <summary>All of its data.</summary>
    JsonObject Json();
}
