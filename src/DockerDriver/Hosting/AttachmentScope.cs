namespace DockerDriver.Hosting;

/// <summary>Names the attachment on every line that is logged inside: an endpoint by the start of its id.</summary>
internal static class AttachmentScope
{
    public static IDisposable? BeginAttachment(this ILogger log, string endpoint) =>
        log.BeginScope(new Dictionary<string, object> { ["Attachment"] = ShortId.Of(endpoint) + " " });
}
