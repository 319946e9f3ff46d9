using System.Net.Sockets;
using System.Text;
using Docker.DotNet.Models;
using DockerDriver.Engine;
using DockerDriver.Errors;

namespace DockerDriver.Tests.Engine;

public sealed class LimitedAnswerTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("0123456789", false, true)]
    [InlineData("0123456789a", false, false)]
    [InlineData("01234\n6789a", false, false)]
    [InlineData("01234\n6789a", true, true)]
    [InlineData("0\n0123456789\n0123456789\n0", true, true)]
    [InlineData("0\n0123456789a", true, false)]
    public void Read_OfTenBytes_CountsAllOrTheLine(string answer, bool ofLines, bool isRead)
    {
        using var limited = new LimitedAnswer(new MemoryStream(Encoding.ASCII.GetBytes(answer)), 10, ofLines);
        using var reader = new StreamReader(limited, Encoding.ASCII, false, bufferSize: 1);
        if (isRead)
            Assert.Equal(answer, reader.ReadToEnd());
        else
            Assert.Equal("its answer is longer than 10 bytes", Assert.Throws<EngineException>(reader.ReadToEnd).Message);
    }

    [Fact]
    public async Task Follow_EventWithoutEnd_IsGivenUp()
    {
        var socket = Path.Combine(folder, "docker.sock");
        using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        engine.Bind(new UnixDomainSocketEndPoint(socket));
        engine.Listen();
        var answers = AnswerWithoutEndAsync(engine);
        using var client = new EngineClient(new() { DockerHost = "unix://" + socket });

        var fault = await Assert.ThrowsAsync<EngineException>(() =>
            client.FollowAsync(new Progress<Message>(), TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30)));

        Assert.Equal("its answer is longer than 4194304 bytes", fault.Message);
        await answers;
    }

    private static async Task AnswerWithoutEndAsync(Socket engine)
    {
        using var caller = await engine.AcceptAsync();
        try
        {
            await caller.ReceiveAsync(new byte[4096]);
            await caller.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"Action\":\""u8.ToArray());
            while (true)
                await caller.SendAsync(Enumerable.Repeat((byte)'a', 64 * 1024).ToArray());
        }
        catch (SocketException)
        {
        }
    }
}
