using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using CniCore.Linux.Interop;

namespace CniCore.Tests.Linux;

/// <summary>
/// A C compiler proves what Linux/Interop copied from the headers: every constant, every struct's size and every field's offset.
/// </summary>
public sealed class CompilerTests
{
    private const string Headers = """
        #define _GNU_SOURCE
        #include <stddef.h>
        #include <fcntl.h>
        #include <signal.h>
        #include <spawn.h>
        #include <sys/file.h>
        #include <sys/ioctl.h>
        #include <sys/resource.h>
        #include <sys/socket.h>
        #include <sys/stat.h>
        #include <sys/syscall.h>
        #include <sys/vfs.h>
        #include <sys/wait.h>
        #include <time.h>
        #include <net/if.h>
        #include <linux/fib_rules.h>
        #include <linux/if_addr.h>
        #include <linux/if_bridge.h>
        #include <linux/if_link.h>
        #include <linux/magic.h>
        #include <linux/neighbour.h>
        #include <linux/net_namespace.h>
        #include <linux/netfilter.h>
        #include <linux/netfilter/nf_nat.h>
        #include <linux/netfilter/nf_tables.h>
        #include <linux/netfilter/nf_tables_compat.h>
        #include <linux/netfilter/nfnetlink.h>
        #include <linux/netfilter/nfnetlink_conntrack.h>
        #include <linux/netfilter/xt_conntrack.h>
        #include <linux/netlink.h>
        #include <linux/nsfs.h>
        #include <linux/pkt_sched.h>
        #include <linux/rtnetlink.h>
        #include <linux/veth.h>

        """;

    // Ours alone: how much room is set aside. The compiler says that it is enough.
    private static readonly Dictionary<string, string> Rooms = new()
    {
        ["AttributesSize"] = "posix_spawnattr_t",
        ["FileActionsSize"] = "posix_spawn_file_actions_t",
        ["SignalSetSize"] = "sigset_t",
        ["SigInfoSize"] = "siginfo_t",
    };

    // libnftnl/udata.h is not installed everywhere, and its constants are few. The filter's flags are in none of the headers
    // that the kernel exports; ConntrackSocketTests shows that they do what they are taken for.
    private static readonly HashSet<string> Unproved =
    [
        "CTA_FILTER_F_CTA_PROTO_NUM", "CTA_FILTER_F_CTA_PROTO_DST_PORT",
        "NFTNL_UDATA_RULE_COMMENT", "NFTNL_UDATA_SET_KEYBYTEORDER", "NFTNL_UDATA_SET_DATABYTEORDER", "NFTNL_UDATA_SET_MERGE_ELEMENTS",
            "NFTNL_UDATA_SET_ELEM_COMMENT",
    ];

    private static IEnumerable<Type> Interop => typeof(rtnl).Assembly.GetTypes()
        .Where(type => type.Namespace == typeof(rtnl).Namespace && !type.IsNested && !type.Name.StartsWith('<'));

    [Fact]
    public void ConstantsAndLayouts_AreThoseOfTheHeaders()
    {
        var source = new StringBuilder(Headers);
        foreach (var type in Interop)
        {
            foreach (var constant in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(field => field.IsLiteral && !Unproved.Contains(field.Name)))
                source.AppendLine(ProofOf(constant));
            if (type.IsValueType)
                source.Append(ProofOf(type));
        }
        source.AppendLine("_Static_assert(NS_GET_NSTYPE == 0xb703, \"NS_GET_NSTYPE\");");

        var said = Compile(source.ToString());
        Assert.True(said.Length == 0, said);
    }

    [Fact]
    public void AWrongConstant_IsFound() =>
        Assert.Contains("NLMSG_DONE", Compile(Headers + "_Static_assert(NLMSG_DONE == 4, \"NLMSG_DONE\");\n"), StringComparison.Ordinal);

    private static string ProofOf(FieldInfo constant)
    {
        if (constant.FieldType == typeof(string))
            return ""; // a library's file name
        var value = Convert.ToString(constant.GetRawConstantValue(), CultureInfo.InvariantCulture);
        return Rooms.TryGetValue(constant.Name, out var type)
            ? $"_Static_assert(sizeof({type}) <= {value}, \"{constant.Name}\");"
            : $"_Static_assert(({CType(constant.FieldType)})({constant.Name}) == {value}, \"{constant.Name}\");";
    }

    private static string CType(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => "unsigned char",
        TypeCode.Int16 => "short",
        TypeCode.UInt16 => "unsigned short",
        TypeCode.UInt32 => "unsigned",
        TypeCode.Int32 => "int",
        _ => "long long",
    };

    private static string ProofOf(Type type)
    {
        var name = $"struct {type.Name}";
        var proof = new StringBuilder($"_Static_assert(sizeof({name}) == {Marshal.SizeOf(type)}, \"sizeof {type.Name}\");\n");
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            proof.AppendLine(CultureInfo.InvariantCulture,
                $"_Static_assert(offsetof({name}, {field.Name}) == {Marshal.OffsetOf(type, field.Name)}, \"{type.Name}.{field.Name}\");");
        return proof.ToString();
    }

    private static string Compile(string source)
    {
        using var compiler = Process.Start(
            new ProcessStartInfo("gcc", ["-fsyntax-only", "-x", "c", "-"]) { RedirectStandardInput = true, RedirectStandardError = true })!;
        var said = compiler.StandardError.ReadToEndAsync();
        compiler.StandardInput.Write(source);
        compiler.StandardInput.Close();
        compiler.WaitForExit();
        return said.Result;
    }
}
