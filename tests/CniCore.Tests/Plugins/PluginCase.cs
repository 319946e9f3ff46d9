namespace CniCore.Tests.Plugins;

/// <summary>A plugin and its input; name, type and version are filled in.</summary>
internal sealed record PluginCase(string Type, string Config, string Args = "");
