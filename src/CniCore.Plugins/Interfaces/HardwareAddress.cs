using System.Net.NetworkInformation;
using CniCore.Spec;

namespace CniCore.Plugins.Interfaces;

/// <summary>Parses hardware addresses of configurations.</summary>
internal static class HardwareAddress
{
    /// <summary>Parses an address with <c>:</c>, <c>-</c> or <c>.</c> into the kernel's form: <c>aa:bb:cc:dd:ee:ff</c>.</summary>
    /// <exception cref="CniPluginException">It is not an Ethernet address.</exception>
    public static string Parse(string text) =>
        PhysicalAddress.TryParse(text, out var parsed) && parsed.GetAddressBytes() is { Length: 6 } bytes
        ? string.Join(':', bytes.Select(octet => $"{octet:x2}"))
        : throw new CniPluginException(CniErrorCode.InvalidConfig, $"invalid args {text} for MAC addr");
}
