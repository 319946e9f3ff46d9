namespace DockerDriver.Logging;

/// <summary>
/// Names the attachment on every line that is logged inside: an endpoint by the start of its id, and its container's name where that is
/// known.
/// </summary>
internal static class AttachmentScope
{
    public static IDisposable? BeginAttachment(this ILogger log, string endpoint, string container = "") =>
        log.BeginScope(
            new Dictionary<string, object> { ["Attachment"] = ShortId.Of(endpoint) + (container.Length > 0 ? $" ({container}) " : " ") });
}
