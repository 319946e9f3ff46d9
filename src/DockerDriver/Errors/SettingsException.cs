namespace DockerDriver.Errors;

/// <summary>A setting is wrong; the message is the one line that stops the start.</summary>
internal sealed class SettingsException(string message) : Exception(message);
