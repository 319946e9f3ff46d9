using System.Net.Sockets;
using System.Text;
using DockerDriver.Admin;
using DockerDriver.Engine;

namespace DockerDriver.Tests.Engine;

/// <summary>An engine that is killed during an answer, or is not an engine.</summary>
public sealed class EngineFaultTests : DaemonTest
{
    [Theory]
    [InlineData("{\"Type\":\"container\",\"Act")]
    [InlineData("<html>the proxy has no engine</html>")]
    public async Task Events_CutInAMessage_AreRequestedAgain(string said)
    {
        using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        engine.Bind(new UnixDomainSocketEndPoint(EngineSocket));
        engine.Listen();
        for (var asked = 0; asked < 3;)
        {
            var call = engine.AcceptAsync(TestContext.Current.CancellationToken).AsTask();
            await await Task.WhenAny(call, Served.ContinueWith(ended =>
                throw new InvalidOperationException("the daemon has ended", ended.Exception), TaskScheduler.Default));
            using var caller = await call;
            asked += await AnswerAsync(caller, said) ? 1 : 0;
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[null]")]
    [InlineData("{}")]
    public async Task A2_EngineThatAnswersNothingUsable_EndsNothing_AndReadinessSaysIt(string said)
    {
        using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        engine.Bind(new UnixDomainSocketEndPoint(EngineSocket));
        engine.Listen();
        using var over = new CancellationTokenSource();
        var answers = AnswerAllAsync(engine, said, over.Token);

        string ready;
        do
            ready = Encoding.UTF8.GetString(AdminClient.Ask(Settings.AdminSocket, "GET", "/ready", [], TimeSpan.FromSeconds(20)).Body);
        while (!Served.IsCompleted
            && !(ready.Contains("attachment of none-network containers fails: the engine fails", StringComparison.Ordinal)
            && ready.Contains("comparison of networks with the engine\\u0027s fails: the engine fails", StringComparison.Ordinal)));

        Assert.False(Served.IsCompleted);
        await over.CancelAsync();
        await answers;
    }

    [Fact]
    public async Task NoSocket_OrNobodyBehindIt_IsSaidInWords()
    {
        Assert.Equal($"unix://{EngineSocket}: there is no such socket", await FaultAsync());
        await File.WriteAllTextAsync(EngineSocket, "");
        Assert.Equal($"unix://{EngineSocket}: nobody listens there", await FaultAsync());

        async Task<string?> FaultAsync() => (await EngineNames.ReadAsync(Settings, CancellationToken.None)).Fault;
    }

    private static async Task AnswerAllAsync(Socket engine, string said, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                using var caller = await engine.AcceptAsync(cancel);
                await AnswerAsync(caller, said, other: said);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    // Whether its events were requested. A cancelled request gets no answer.
    private static async Task<bool> AnswerAsync(Socket caller, string said, string other = "[]")
    {
        try
        {
            var head = new byte[4096];
            var length = await caller.ReceiveAsync(head, TestContext.Current.CancellationToken);
            var isEvents = Encoding.ASCII.GetString(head, 0, length).Contains("/events", StringComparison.Ordinal);
            var body = isEvents ? said : other;
            await caller.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                + $"chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n{(isEvents ? "" : "0\r\n\r\n")}"));
            return isEvents;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
