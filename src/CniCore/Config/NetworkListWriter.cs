using System.Text.Json;
using CniCore.Spec;

namespace CniCore.Config;

/// <summary>Writes a list back as JSON, at the version in force, with every plugin's object as it was written.</summary>
public static class NetworkListWriter
{
    /// <summary>UTF-8; <see cref="NetworkListParser"/> reads it back.</summary>
    public static byte[] Write(NetworkList list)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("cniVersion", list.CniVersion);
            writer.WriteString("name", list.Name.ToString());
            if (list.DisableCheck)
                writer.WriteBoolean("disableCheck", true);
            if (list.DisableGc)
                writer.WriteBoolean("disableGC", true);
            writer.WriteStartArray("plugins");
            foreach (var plugin in list.Plugins)
                writer.WriteRawValue(plugin.Json.GetRawText());
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return buffer.ToArray();
    }
}
