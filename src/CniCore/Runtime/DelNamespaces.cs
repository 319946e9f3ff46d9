using CniCore.Cache;
using CniCore.Linux;
using CniCore.Linux.Namespaces;
using CniCore.Linux.Netlink;

namespace CniCore.Runtime;

/// <summary>The namespaces in which DEL is tried, in order.</summary>
internal static class DelNamespaces
{
    // While the interface exists, a refusal has some other reason, which may pass: only after this many failures is DEL tried without a
    // namespace.
    private const int TriesWithInterface = 2;

    /// <summary>
    /// The given namespace; the same again if the interface is gone (the reference bridge deletes the interface, then fails on a rule that
    /// is gone); and no namespace, which every plugin must accept (CNI spec, section 2, "DEL").
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
            return false; // the namespace is gone
        }
    }
}
