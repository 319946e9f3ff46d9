using CniCore.Config;
using CniCore.Runtime;
using CniCore.Spec;
using DockerDriver.Configuration;

namespace DockerDriver.Lists;

/// <summary>Reviews the files of the configuration folder without attaching anything; it calls plugins with VERSION only.</summary>
internal sealed class ListReviewer(Settings settings, CniRuntime runtime)
{
    /// <summary>Every list file of <c>conf-dir</c>: the parsable ones in libcni's order, then the others.</summary>
    public async Task<IReadOnlyList<ListReview>> AllAsync(CancellationToken cancel)
    {
        var reading = new NetworkListFolder(settings.ConfDir).Read();
        var reviews = await Task.WhenAll(reading.Lists.Select(list => OfAsync(list, cancel))); // a plugin is run once for them all
        return [.. reviews, .. reading.Broken.Select(broken => new ListReview(broken.Path, null, [WithoutPath(broken)]))];
    }

    public async Task<ListReview> OfAsync(NetworkList list, CancellationToken cancel)
    {
        (list, var faults) = await new ListUsability(settings, runtime).OfAsync(list, cancel);
        return new(list.Source ?? "", list, faults);
    }

    // "path: reason", or "path:line: reason".
    private static string WithoutPath((string Path, string Reason) broken)
    {
        if (!broken.Reason.StartsWith(broken.Path + ":", StringComparison.Ordinal))
            return broken.Reason;
        var rest = broken.Reason[(broken.Path.Length + 1)..];
        return rest.StartsWith(' ') ? rest.TrimStart() : "line " + rest;
    }
}
