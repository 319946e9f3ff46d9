using CniCore.Plugins;
using CniCore.Spec;
using DockerDriver.Import;
using DockerDriver.Lists;

namespace DockerDriver.Doctor;

/// <summary>Checks the files of <c>conf-dir</c>.</summary>
internal sealed class ListsCheck() : DoctorCheck("lists", "no network can be created with it; existing networks keep their list")
{
    public override Task<IReadOnlyList<DoctorFinding>> RunAsync(DoctorContext host, CancellationToken cancel)
    {
        List<DoctorFinding> findings = [.. host.Lists.Where(review => !review.IsUsable)
            .Select(review => Warn($"{review.Path}: {string.Join("; ", review.Faults)}", FixFor(host, review)))];
        if (host.Lists.Where(review => review.IsUsable).Select(review => review.List!.Name.ToString()).ToList() is { Count: > 0 } usable)
            findings.Insert(0, Ok($"usable: {string.Join(", ", usable)}"));
        return Task.FromResult<IReadOnlyList<DoctorFinding>>(findings.Count > 0 ? findings
            : [Ok($"there are no lists in {host.Settings.ConfDir}")]);
    }

    private static string FixFor(DoctorContext host, ListReview review)
    {
        var missing = review.List?.Plugins.SelectMany(plugin => new[] { plugin.Type, plugin.IpamType })
            .OfType<PluginType>().Where(type => !host.Runtime.Has(type)).ToList() ?? [];
        if (missing.Count > 0 && missing.All(type => type.IsReferencePlugin))
            return "apt-get install containernetworking-plugins";
        var path = ShellWord.Quote(review.Path);
        return $"mv {path} {ShellWord.Quote(review.Path + ".off")} # or edit it, and see: cnid validate {path}";
    }
}
