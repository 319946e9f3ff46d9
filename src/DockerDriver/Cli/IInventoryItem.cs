using System.Text.Json.Nodes;

namespace DockerDriver.Cli;

/// <summary>One thing that exists.</summary>
internal interface IInventoryItem
{
    /// <summary>Its line in a table.</summary>
    string[] Row();

    /// <summary>All that is known of it.</summary>
    JsonObject Json();
}
