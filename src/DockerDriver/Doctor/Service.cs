namespace DockerDriver.Doctor;

/// <summary>How a service of this host is started: by systemd where it rules, else by hand.</summary>
internal static class Service
{
    private static readonly bool HasSystemd = Directory.Exists("/run/systemd/system"); // sd_booted(3)

    public static string Start(string unit, string byHand) =>
        HasSystemd ? $"systemctl start {unit}" : $"setsid {byHand} > /dev/null 2>&1 < /dev/null &";

    public static string StartCnid() => Start("cnid", $"{Environment.ProcessPath} serve");
}
