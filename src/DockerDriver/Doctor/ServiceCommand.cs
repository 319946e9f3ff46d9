namespace DockerDriver.Doctor;

/// <summary>The command that starts a service: with systemd, or directly where the host does not run it.</summary>
internal static class ServiceCommand
{
    private static readonly bool HasSystemd = Directory.Exists("/run/systemd/system"); // sd_booted(3)

    public static string Start(string unit, string command) =>
        HasSystemd ? $"systemctl start {unit}" : $"setsid {command} > /dev/null 2>&1 < /dev/null &";

    public static string StartCnid() => Start("cnid", $"{Environment.ProcessPath} serve");
}
