using System.Text;
using System.Text.Json;
using DockerDriver.Protocol;

namespace DockerDriver.Admin;

/// <summary>The daemon's answer on its admin socket.</summary>
internal sealed record AdminAnswer(int Status, byte[] Body)
{
    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>The error message.</summary>
    public string Reason
    {
        get
        {
            try
            {
                return JsonSerializer.Deserialize(Body, AdminJson.Default.AdminErrorResponse)?.Reason ?? "";
            }
            catch (JsonException)
            {
                return $"status {Status}: {Encoding.UTF8.GetString(Body)}";
            }
        }
    }
}
