using System.Text;
using System.Text.Json;
using CniCore.Linux.Files;
using DockerDriver.Errors;

namespace DockerDriver.Configuration;

/// <summary>
/// Reads <see cref="Settings"/> from their sources, in ascending precedence. The only place where text is converted to settings.
/// </summary>
internal static class SettingsSources
{
    public const string DefaultFile = "/etc/cnid/cnid.json";
    private const string FileVariable = "CNID_CONFIG";

    /// <exception cref="SettingsException">A value is invalid, or a key is unknown.</exception>
    public static Settings Read(IReadOnlyDictionary<string, string> flags, Func<string, string?> environment)
    {
        var settings = FromFile(new(), flags.GetValueOrDefault("config") ?? environment(FileVariable));
        foreach (var key in SettingKey.All)
        {
            if (environment(key.Variable) is { Length: > 0 } value)
                settings = Apply(settings, key, value, key.Variable);
            if (flags.TryGetValue(key.Name, out value))
                settings = Apply(settings, key, value, "--" + key.Name);
        }
        return settings;
    }

    private static Settings FromFile(Settings settings, string? named)
    {
        var path = named ?? DefaultFile;
        if (named is null && !File.Exists(path))
            return settings;
        byte[] json = [];
        try
        {
            json = RegularFile.ReadAllBytes(path);
            if (TrustedPath.FaultInFolder(path) is { } others)
                throw new SettingsException($"{path}: {others}");
            using var file = JsonDocument.Parse(json, new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            foreach (var property in file.RootElement.EnumerateObject())
            {
                var key = SettingKey.Find(property.Name)
                    ?? throw new SettingsException(
                        $"{path}: '{property.Name}' is not a setting; there are {string.Join(", ", SettingKey.All.Select(k => k.Name))}");
                settings = Apply(settings, key, property.Value.ToString(), $"{path}: {key.Name}");
            }
            return settings;
        }
        catch (JsonException fault)
        {
            throw new SettingsException($"{path}: not JSON, {JsonErrorText.Describe(Encoding.UTF8.GetString(json), fault)}");
        }
        catch (InvalidOperationException fault)
        {
            throw new SettingsException($"{path}: {fault.Message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException(fault.Message); // it begins with the path
        }
    }

    private static Settings Apply(Settings settings, SettingKey key, string value, string source)
    {
        try
        {
            return key.Apply(settings, value);
        }
        catch (FormatException fault)
        {
            throw new SettingsException($"{source}: {fault.Message}");
        }
    }
}
