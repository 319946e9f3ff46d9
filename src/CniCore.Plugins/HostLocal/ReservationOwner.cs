using System.Security.Cryptography;
using System.Text;

namespace CniCore.Plugins.HostLocal;

/// <summary>Who holds a reservation.</summary>
internal readonly record struct ReservationOwner(string ContainerId, string IfName)
{
    private const string Break = "\r\n";

    /// <summary>The file's content. The reference trims the id.</summary>
    public string Content => ContainerId.Trim() + Break + IfName;

    /// <summary>The name of the entry in our index, 32 hex digits: ids may be longer than a file's name.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Content)))[..32];

    /// <summary>Reads a file's content. Before 0.7 the reference wrote the id alone; then the interface is empty.</summary>
    public static ReservationOwner Of(string content) =>
        content.Trim().Split(Break, 2) is [var id, var ifName] ? new(id, ifName) : new(content.Trim(), "");
}
