using CniCore.Cache;
using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Runtime;

/// <summary>The namespaces in which a DEL is tried, in turn.</summary>
internal static class DelPlaces
{
    // With the interface at hand a refusal has some other reason, which may pass: it is tried so twice before it is tried otherwise.
    private const int TriesWithInterface = 2;

    /// <summary>
    /// The one that is given; once more, where the interface is not in it any more (the reference bridge deletes it and then fails over a
    /// rule that is gone); and none at all, which every plugin has to bear (CNI spec, section 2, "DEL").
    /// </summary>
    public static IEnumerable<string> From(string netns, Attachment attachment)
    {
        yield return netns;
        if (netns.Length == 0)
            yield break;
        if (NetworkNamespace.IsAt(netns))
        {
            if (!HasInterface(netns, attachment.IfName))
                yield return netns;
            else if (attachment.FailedDels < TriesWithInterface)
                yield break;
        }
        yield return "";
    }

    private static bool HasInterface(string path, string name)
    {
        try
        {
            using var netns = NetworkNamespace.Open(path);
            using var route = RouteSocket.OpenIn(netns);
            return route.FindLink(name) is not null;
        }
        catch (Exception fault) when (fault is LinuxException or NamespaceException or IOException)
        {
            return false; // it has ended meanwhile
        }
    }
}
