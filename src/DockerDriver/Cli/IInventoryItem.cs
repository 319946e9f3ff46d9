using System.Text.Json.Nodes;

namespace DockerDriver.Cli;

/// <summary>One thing that exists.</summary>
internal interface IInventoryItem
{
    /// <summary>Whether it has that name or id, or an id that begins so.</summary>
    bool IsNamed(string id);

    /// <summary>Its line in a table.</summary>
    string[] Row();

    /// <summary>What has to be said besides, below its line: what is wrong with it.</summary>
    IEnumerable<string> Notes();

    /// <summary>All that is known of it.</summary>
    JsonObject Json();
}
