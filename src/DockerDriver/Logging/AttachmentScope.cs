namespace DockerDriver.Logging;

/// <summary>Adds an attachment to every log line inside the scope: the short id, and the container's name where known.</summary>
internal static class AttachmentScope
{
    public static IDisposable? BeginAttachment(this ILogger log, string endpoint, string container = "") =>
        log.BeginScope(
            new Dictionary<string, object> { ["Attachment"] = ShortId.Of(endpoint) + (container.Length > 0 ? $" ({container}) " : " ") });
}
