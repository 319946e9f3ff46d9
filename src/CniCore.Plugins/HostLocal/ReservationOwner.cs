using System.Security.Cryptography;
using System.Text;

namespace CniCore.Plugins.HostLocal;

/// <summary>The owner of a reservation.</summary>
internal readonly record struct ReservationOwner(string ContainerId, string IfName)
{
    private const string Break = "\r\n";

    /// <summary>The content of the file. The reference trims the id.</summary>
    public string Content => ContainerId.Trim() + Break + IfName;

    /// <summary>The name of the entry in the index, 32 hex digits: an id can be longer than a file name.</summary>
    public string Key => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Content)))[..32];

    /// <summary>Reads the content of a file. Before 0.7 the reference wrote only the id; the interface is empty then.</summary>
    public static ReservationOwner Of(string content) =>
        content.Trim().Split(Break, 2) is [var id, var ifName] ? new(id, ifName) : new(content.Trim(), "");
}
