namespace DockerDriver.Doctor;

/// <summary>Checks iptables: whether it is installed for the executables that call it, and which back end has rules.</summary>
internal sealed class IptablesCheck()
    : DoctorCheck("iptables", "the reference plugins portmap, firewall and bridge write their rules with it")
{
    private const string FlushLegacy = "iptables-legacy-save > /root/iptables-legacy.rules; iptables-legacy -P FORWARD ACCEPT; for table "
        + "in $(cat /proc/net/ip_tables_names); do iptables-legacy -t $table -F; iptables-legacy -t $table -X; done";
    private static readonly string[] Callers = ["portmap", "firewall", "bridge", "ptp"];

    public override async Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        var version = (await HostProgram.ReadOutputAsync("iptables", ["-V"], cancel))?.Trim();
        if (version is null)
            return [Without(host)];
        if (!version.Contains("legacy", StringComparison.Ordinal) && host.Firewall.UsesLegacyIptables && await HasRulesAsync(cancel))
            return [Warn($"{version}, and there are rules of the legacy back end as well", FlushLegacy,
                "a packet must pass both back ends; a rule in one does not admit what the other drops")];
        return [Ok(version)];
    }

    // Its tables remain, empty, after they have been used.
    private static async Task<bool> HasRulesAsync(CancellationToken cancel) =>
        await HostProgram.ReadOutputAsync("iptables-legacy-save", [], cancel) is not { } saved
            || saved.Contains("\n-A ", StringComparison.Ordinal)
            || saved.Contains("\n:FORWARD DROP", StringComparison.Ordinal);

    // Built-in or executable is decided per list: only an executable needs the tool.
    private DoctorFinding Without(DoctorContext host)
    {
        var callers = host.Lists.Select(review => review.List).OfType<CniCore.Spec.NetworkList>()
            .SelectMany(list =>
                list.Plugins.Select(plugin => plugin.Type.ToString()).Where(Callers.Contains).Except(host.Runtime.BuiltinsFor(list)))
            .Distinct().ToList();
        return callers.Count == 0
            ? Ok("there is no iptables, and no list has a plugin that calls it")
            : Warn($"there is no iptables, and lists have {string.Join(", ", callers)}", "apt-get install iptables");
    }
}
