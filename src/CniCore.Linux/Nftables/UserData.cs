using System.Text;

namespace CniCore.Linux.Nftables;

/// <summary>Data that the kernel stores for nft: entries of type, length and value (libnftnl, udata.h).</summary>
internal static class UserData
{
    private const int HeaderLength = 2;

    /// <summary>The longest comment, in bytes.</summary>
    private const int MaximalComment = 127;

    public static byte[] Comment(byte type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length > MaximalComment)
            bytes = bytes[..MaximalComment];
        return [type, (byte)(bytes.Length + 1), .. bytes, 0];
    }

    public static byte[] Number(byte type, int value) => [type, sizeof(int), .. BitConverter.GetBytes(value)];

    /// <summary>The text of that type; empty if there is none.</summary>
    public static string TextOf(ReadOnlySpan<byte> data, byte type)
    {
        for (; data.Length >= HeaderLength && data.Length >= HeaderLength + data[1]; data = data[(HeaderLength + data[1])..])
        {
            if (data[0] == type)
                return Encoding.UTF8.GetString(data.Slice(HeaderLength, data[1]).TrimEnd((byte)0));
        }
        return "";
    }
}
