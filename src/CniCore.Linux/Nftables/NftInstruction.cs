using System.Buffers.Binary;
using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;

namespace CniCore.Linux.Nftables;

/// <summary>
/// One instruction of a rule. Two are equal if the kernel does the same: it lists omitted attributes with the value zero, and counters with
/// their counts.
/// </summary>
internal sealed class NftInstruction : IEquatable<NftInstruction>
{
    private readonly byte[] attributes;
    private readonly string content;

    public NftInstruction(string name, byte[] attributes)
    {
        (Name, this.attributes) = (name, attributes);
        content = name == "counter" ? "" : Normal(attributes);
    }

    public string Name { get; }

    public static NftInstruction Of(string name, Action<RequestWriter> fields)
    {
        var writer = new RequestWriter(0, 0);
        fields(writer);
        return new(name, writer.Body);
    }

    /// <summary>The instructions of a rule, from its attribute of expressions.</summary>
    public static List<NftInstruction> Read(ReadOnlySpan<byte> expressions)
    {
        var found = new List<NftInstruction>();
        var list = new AttributeReader(expressions);
        while (list.Next())
        {
            var (name, data) = ("", Array.Empty<byte>());
            var fields = new AttributeReader(list.Value);
            while (fields.Next())
            {
                if (fields.Type == nf_tables.NFTA_EXPR_NAME)
                    name = fields.Text;
                else if (fields.Type == nf_tables.NFTA_EXPR_DATA)
                    data = fields.Value.ToArray();
            }
            found.Add(new(name, data));
        }
        return found;
    }

    public void Write(RequestWriter request)
    {
        using (request.Nest(nf_tables.NFTA_LIST_ELEM))
        {
            request.Text(nf_tables.NFTA_EXPR_NAME, Name);
            using (request.Nest(nf_tables.NFTA_EXPR_DATA))
                request.Raw(attributes);
        }
    }

    public bool Equals(NftInstruction? other) => other is not null && Name == other.Name && content == other.content;

    public override bool Equals(object? obj) => Equals(obj as NftInstruction);

    public override int GetHashCode() => HashCode.Combine(Name, content);

    /// <summary>A text for instructions without one in nft's syntax: attributes by number, values in hexadecimal.</summary>
    public override string ToString() => content.Length > 0 ? $"[{Name} {content}]" : $"[{Name}]";

    private static string Normal(byte[] attributes)
    {
        var fields = new SortedDictionary<int, string>();
        var reader = new AttributeReader(attributes);
        while (reader.Next())
        {
            if (reader.Value.Length != sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(reader.Value) != 0)
                fields[reader.Type] = Convert.ToHexStringLower(reader.Value);
        }
        return string.Join(' ', fields.Select(field => $"{field.Key}:{field.Value}"));
    }
}
