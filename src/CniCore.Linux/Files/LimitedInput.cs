using System.Globalization;

namespace CniCore.Linux.Files;

/// <summary>Reads what a pipe or a socket gives, up to a limit.</summary>
public static class LimitedInput
{
    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">What it is, for the message.</param>
    /// <param name="limit">The most bytes to read.</param>
    /// <exception cref="IOException">There is more. The message is one line.</exception>
    public static byte[] ReadAll(Stream stream, string name, int limit)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var all = new MemoryStream();
        var chunk = new byte[16 * 1024];
        for (int read; (read = stream.Read(chunk)) > 0;)
        {
            if (all.Length + read > limit)
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{name} is longer than {limit} bytes"));
            all.Write(chunk, 0, read);
        }
        return all.ToArray();
    }
}
