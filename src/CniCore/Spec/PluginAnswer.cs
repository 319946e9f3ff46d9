namespace CniCore.Spec;

/// <summary>The output of a plugin that succeeded.</summary>
/// <param name="StandardOutput">UTF-8, as written: the result for ADD, the versions for VERSION, anything for other verbs.</param>
/// <param name="StandardError">Standard error, truncated; often empty.</param>
public sealed record PluginAnswer(ReadOnlyMemory<byte> StandardOutput, string StandardError);
