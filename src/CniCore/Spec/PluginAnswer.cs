namespace CniCore.Spec;

/// <summary>What a plugin that succeeded said.</summary>
/// <param name="StandardOutput">UTF-8, as written; a result for ADD, a version answer for VERSION, anything for the rest.</param>
/// <param name="StandardError">What it complained of although it succeeded, cut to a bounded length; often empty.</param>
public sealed record PluginAnswer(ReadOnlyMemory<byte> StandardOutput, string StandardError);
