using System.Net.Sockets;
using System.Runtime.InteropServices;
using CniCore.Linux.Interop;
using CniCore.Linux.Netlink;
using Microsoft.Win32.SafeHandles;

namespace CniCore.Tests.Linux;

/// <summary>
/// Lists that change while they are read. The kernel cannot be made to change one at a given moment: the test answers in its place.
/// </summary>
public sealed class NetlinkDumpTests : IDisposable
{
    private static readonly int Header = Marshal.SizeOf<nlmsghdr>();
    private readonly string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly Socket kernel;
    private readonly Socket process = new(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);

    public NetlinkDumpTests()
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        process.Connect(new UnixDomainSocketEndPoint(path));
        kernel = listener.Accept();
    }

    public void Dispose()
    {
        kernel.Dispose();
        process.Dispose();
        File.Delete(path);
    }

    [Fact]
    public async Task C_ListThatChangesWhileItIsRead_IsReadAgain()
    {
        var answers = AnswerAsync(interrupted: 3);
        Assert.Equal("answer 4", Assert.Single(await Task.Run(Dump)));
        process.Dispose(); // no more requests
        Assert.Equal(4, await answers);
    }

    [Fact]
    public async Task C_ListThatChangesEachTimeItIsRead_IsNotTakenForWhole()
    {
        var answers = AnswerAsync(interrupted: int.MaxValue);
        var fault = await Assert.ThrowsAsync<NetlinkException>(() => Task.Run(Dump));
        Assert.StartsWith("listing things: the list changed each of the 20 times it was read; try again", fault.Message,
            StringComparison.Ordinal);
        process.Dispose(); // no more requests
        Assert.Equal(20, await answers);
    }

    // rtnetlink ends a dump that fails with DONE and the error (net/netlink/af_netlink.c, netlink_dump_done).
    [Fact]
    public async Task ListThatTheKernelCannotFinish_IsAnError_NotAShortList()
    {
        kernel.Send(Message(rtnl.NLMSG_DONE, 0, sequence: 1, BitConverter.GetBytes(-95)));
        var fault = await Assert.ThrowsAsync<NetlinkException>(() => Task.Run(Dump));
        Assert.Equal((95, "listing things: Operation not supported"), (fault.Errno, fault.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    public async Task AnswerThatIsShorterThanItMustBe_IsAnError(string text)
    {
        kernel.Send(Message(rtnl.NLMSG_ERROR, 0, sequence: 1, text));
        var fault = await Assert.ThrowsAsync<NetlinkException>(() => Task.Run(Dump));
        Assert.StartsWith("listing things: the kernel's answer is shorter than it must be", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClosedSocket_IsAnError_NotAnEndlessLoop()
    {
        kernel.Shutdown(SocketShutdown.Send);
        var fault = await Assert.ThrowsAsync<NetlinkException>(() => Task.Run(Dump).WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.StartsWith("listing things: the socket was closed", fault.Message, StringComparison.Ordinal);
    }

    private List<string> Dump()
    {
        using var socket = NetlinkSocket.Over(new SafeFileHandle(process.Handle, ownsHandle: false));
        return socket.Dump(() => RequestWriter.For(rtnl.RTM_GETLINK, rtnl.NLM_F_DUMP, new ifinfomsg()), body =>
            System.Text.Encoding.ASCII.GetString(body), "listing things");
    }

    // How many requests there were.
    private Task<int> AnswerAsync(int interrupted) => Task.Run(() =>
    {
        var request = new byte[4096];
        for (var requests = 0; ; requests++)
        {
            int length;
            try
            {
                length = kernel.Receive(request);
            }
            catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
            {
                return requests;
            }
            if (length == 0)
                return requests;
            var sequence = MemoryMarshal.Read<nlmsghdr>(request).nlmsg_seq;
            var flags = requests < interrupted ? rtnl.NLM_F_DUMP_INTR : (ushort)0;
            kernel.Send([.. Message(rtnl.RTM_NEWLINK, flags, sequence, $"answer {requests + 1}"),
                .. Message(rtnl.NLMSG_DONE, flags, sequence, "")]);
        }
    });

    private static byte[] Message(ushort type, ushort flags, uint sequence, string text) =>
        Message(type, flags, sequence, System.Text.Encoding.ASCII.GetBytes(text));

    private static byte[] Message(ushort type, ushort flags, uint sequence, byte[] text)
    {
        var message = new byte[(Header + text.Length + 3) & ~3];
        MemoryMarshal.Write(message, new nlmsghdr
        {
            nlmsg_len = (uint)(Header + text.Length), nlmsg_type = type, nlmsg_flags = flags,
            nlmsg_seq = sequence
        });
        text.CopyTo(message, Header);
        return message;
    }
}
