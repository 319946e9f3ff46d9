using System.Text.Json;
using CniCore.Spec;

namespace CniCore.Config;

/// <summary>
/// Derives what a plugin gets on standard input (CNI spec, section 3; libcni buildOneConfig): its object byte for byte, plus the name, the
/// version, the previous result and the capability arguments that it asks for. <c>capabilities</c> stays in, as with libcni.
/// </summary>
internal static class PluginRequest
{
    private static readonly string[] ValidAttachments = ["cni.dev/attachments", "cni.dev/valid-attachments"];
    private static readonly HashSet<string> PutIn = ["name", "cniVersion", "prevResult"];

    public static byte[] For(NetworkList list, PluginConfig plugin,
        ReadOnlyMemory<byte>? prevResult, IReadOnlyDictionary<string, JsonElement> capabilities) =>
        Write(list, plugin, writer =>
        {
            if (prevResult is { } result)
                Raw(writer, "prevResult", result.Span);
            var asked = capabilities.Where(argument => plugin.Capabilities.Contains(argument.Key))
                .OrderBy(argument => argument.Key, StringComparer.Ordinal).ToList();
            if (asked.Count == 0)
                return false;
            writer.WriteStartObject("runtimeConfig");
            foreach (var (name, value) in asked)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.GetRawText());
            }
            writer.WriteEndObject();
            return true;
        });

    /// <summary>
    /// The request of GC, with the valid attachments under both names of the key: it was renamed before any release (cni #1101).
    /// </summary>
    public static byte[] ForGc(NetworkList list, PluginConfig plugin, IReadOnlyCollection<(string ContainerId, string IfName)>? valid) =>
        Write(list, plugin, writer =>
        {
            foreach (var key in valid is null ? [] : ValidAttachments)
            {
                writer.WriteStartArray(key);
                foreach (var (containerId, ifName) in valid!)
                {
                    writer.WriteStartObject();
                    writer.WriteString("containerID", containerId);
                    writer.WriteString("ifname", ifName);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            }
            return false;
        });

    // The callback returns whether it wrote a runtimeConfig, which replaces the one in the file.
    private static byte[] Write(NetworkList list, PluginConfig plugin, Func<Utf8JsonWriter, bool> more)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("name", list.Name.ToString());
            writer.WriteString("cniVersion", list.CniVersion);
            var hasRuntimeConfig = more(writer);
            foreach (var property in plugin.Json.EnumerateObject())
            {
                if (PutIn.Contains(property.Name) || (hasRuntimeConfig && property.Name == "runtimeConfig"))
                    continue;
                writer.WritePropertyName(property.Name);
                writer.WriteRawValue(property.Value.GetRawText());
            }
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static void Raw(Utf8JsonWriter writer, string key, ReadOnlySpan<byte> value)
    {
        writer.WritePropertyName(key);
        writer.WriteRawValue(value);
    }
}
