using System.Globalization;
using System.Text;
using System.Text.Json;
using DockerDriver.Logging;

namespace DockerDriver.OciRuntime;

/// <summary>
/// Reports an error as runc does: in the file of <c>--log</c>, whose last error containerd's shim passes on (process/utils.go,
/// getLastRuntimeError), and on standard error.
/// </summary>
internal static class RuntimeErrors
{
    /// <returns>The exit status.</returns>
    public static int Report(RuntimeArguments called, string reason)
    {
        var line = $"cnid: {PlainText.Of(reason)}";
        Console.Error.WriteLine(line);
        if (called.Log is not { Length: > 0 } log)
            return 1;
        try
        {
            File.AppendAllText(log, (called.LogsJson
                ? Json(line)
                : $"time=\"{Now}\" level=error msg={JsonEncodedText.Encode(line)}") + "\n");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"cnid: {PlainText.Of(fault.Message)}");
        }
        return 1;
    }

    private static string Now => TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Json(string line)
    {
        using var text = new MemoryStream();
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteString("level", "error");
            writer.WriteString("msg", line);
            writer.WriteString("time", Now);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.ToArray());
    }
}
