namespace DockerDriver.Errors;

/// <summary>A setting is invalid. The message is one line; the program does not start.</summary>
internal sealed class SettingsException(string message) : Exception(message);
