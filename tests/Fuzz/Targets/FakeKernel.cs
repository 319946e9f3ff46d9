using System.Buffers.Binary;
using CniCore.Linux.Netlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace Fuzz.Targets;

/// <summary>
/// The other end of a netlink socket. The messages of the input are answers, in order: each list ends with its message DONE, or with an
/// error. They get the sequence numbers of the requests.
/// </summary>
internal sealed unsafe class FakeKernel : IDisposable
{
    private const int HeaderLength = 16;
    private const int TypeAt = 4;
    private const int FlagsAt = 6;
    private const int SequenceAt = 8;
    private const ushort Error = 2;
    private const ushort Done = 3;
    private const ushort Interrupted = 0x10; // NLM_F_DUMP_INTR: a test of its own
    private const int MoreAnswers = 32;
    private readonly int kernel;
    private readonly int process;

    public FakeKernel(byte[] answers)
    {
        var ends = stackalloc int[2];
        if (LibC.socketpair(LibC.AF_UNIX, LibC.SOCK_SEQPACKET | LibC.SOCK_CLOEXEC | LibC.SOCK_NONBLOCK, 0, ends) != 0)
            throw new InvalidOperationException("no pair of sockets");
        (kernel, process) = (ends[0], ends[1]);
        var (sequence, at, start) = (1u, 0, 0);
        while (answers.Length - at >= HeaderLength)
        {
            var message = answers.AsSpan(at);
            BinaryPrimitives.WriteUInt32LittleEndian(message[SequenceAt..], sequence);
            message[FlagsAt] &= unchecked((byte)~Interrupted);
            var type = BinaryPrimitives.ReadUInt16LittleEndian(message[TypeAt..]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(message);
            at = length is < HeaderLength or > int.MaxValue || length > message.Length ? answers.Length : at + (int)((length + 3) & ~3u);
            if (type is Error or Done || at >= answers.Length)
            {
                Send(answers.AsSpan(start, Math.Min(at, answers.Length) - start));
                (start, sequence) = (at, sequence + 1);
            }
        }
        // What is still asked is acknowledged: a list is empty, an object is not there.
        for (var more = 0u; more < MoreAnswers; more++)
        {
            var end = new byte[HeaderLength + 4];
            BinaryPrimitives.WriteInt32LittleEndian(end, end.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(end.AsSpan(TypeAt), Done);
            BinaryPrimitives.WriteUInt32LittleEndian(end.AsSpan(SequenceAt), sequence - 1 + more);
            Send(end);
        }
        _ = LibC.shutdown(kernel, LibC.SHUT_WR);
    }

    public NetlinkSocket Open() => NetlinkSocket.Over(new SafeFileHandle(process, ownsHandle: true));

    public void Dispose() => _ = LibC.close(kernel);

    private void Send(ReadOnlySpan<byte> datagram)
    {
        fixed (byte* bytes = datagram)
            _ = LibC.send(kernel, bytes, datagram.Length, LibC.MSG_DONTWAIT);
    }
}
