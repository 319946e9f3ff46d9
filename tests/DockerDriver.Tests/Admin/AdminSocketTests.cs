using System.Net.Sockets;
using System.Text;
using DockerDriver.Admin;
using DockerDriver.Configuration;
using DockerDriver.Errors;
using DockerDriver.Startup;

namespace DockerDriver.Tests.Admin;

/// <summary>The admin socket of a real daemon, beside its plugin socket.</summary>
public sealed class AdminSocketTests : DaemonTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public AdminSocketTests()
    {
        // A killed daemon leaves its socket's file, at which nobody listens.
        using var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        killed.Bind(new UnixDomainSocketEndPoint(Settings.AdminSocket));
    }

    [Fact]
    public void Health_IsAlive()
    {
        var answer = Ask(Settings.AdminSocket, "GET", "/health");

        Assert.Equal((200, """{"alive":true}"""), (answer.Status, Text(answer)));
    }

    [Fact]
    public void Ready_WithoutAnEngine_SaysWhatIsMissing()
    {
        var answer = Ask(Settings.AdminSocket, "GET", "/ready");

        Assert.Equal(503, answer.Status);
        Assert.Contains($"\"engine\":\"{Settings.DockerHost} does not answer", Text(answer), StringComparison.Ordinal);
    }

    // The mode of the file is one lock, and who calls the other: an administrator may open the socket to his monitoring.
    [Theory]
    [InlineData("GET", "/health", "alive")]
    [InlineData("GET", "/ready", "notReady")]
    [InlineData("POST", "/release/x", "/release/x is for root; the caller has uid 65534")]
    [InlineData("POST", "/networks/forget/x", "is for root")]
    [InlineData("POST", "/none/attach", "is for root")]
    public async Task OpenedToAll_AnotherUserMayAsk_AndChangeNothing(string method, string path, string words)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to become another user");
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(Settings.AdminSocket, (UnixFileMode)0b110_110_110);
        using var caller = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("setpriv",
        [
            "--reuid=65534", "--regid=65534", "--clear-groups", "curl", "-s", "-X", method, "--unix-socket", Settings.AdminSocket,
            "http://cnid" + path,
        ])
        { RedirectStandardOutput = true })!;

        Assert.Contains(words, await caller.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(409, Ask(Settings.AdminSocket, "POST", "/networks/forget/x").Status); // root is asked whether there is one
    }

    [Theory]
    [InlineData("POST", "/Plugin.Activate")]
    [InlineData("POST", "/NetworkDriver.GetCapabilities")]
    [InlineData("GET", "/nothing")]
    public void AdminSocket_ServesNothingOfDockers(string method, string path)
    {
        var answer = Ask(Settings.AdminSocket, method, path);

        Assert.Equal((404, $"{method} {path} is not served here"), (answer.Status, answer.Reason));
    }

    [Theory]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/ready")]
    public void PluginSocket_ServesNothingOfTheAdministrators(string method, string path)
    {
        var answer = Ask(Settings.PluginSocket, method, path);

        Assert.Equal(
            (404, $$"""{"Err":"{{path[1..]}} is not a method of this driver","Error":"{{path[1..]}} is not a method of this driver"}"""),
                (answer.Status, Text(answer)));
    }

    [Theory]
    [InlineData("", "JSON")]
    [InlineData("{}", "id")]
    [InlineData("""{"id":"../../x","netns":"/proc/1/ns/net","pid":1}""", "id '../../x'")]
    [InlineData("""{"id":"0123456789012345678901234567890123456789012345678901234567890123","netns":"net","pid":1}""", "netns 'net'")]
    public void Attach_WhatIsNoContainer_IsRefused(string body, string word)
    {
        var answer = AdminClient.Ask(Settings.AdminSocket, "POST", "/none/attach", Encoding.UTF8.GetBytes(body), Patience);

        Assert.Equal(400, answer.Status);
        Assert.Contains(word, answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Attach_ContainerThatAsksForNothing_IsNotTouched()
    {
        const string Body =
            """{"id":"0123456789012345678901234567890123456789012345678901234567890123","netns":"/proc/1/ns/net","pid":1,"labels":{}}""";

        Assert.Equal("""{"attached":false}""",
            Text(AdminClient.Ask(Settings.AdminSocket, "POST", "/none/attach", Encoding.UTF8.GetBytes(Body), Patience)));
    }

    [Fact]
    public void Attach_ProcessThatIsNotTheContainers_IsRefused()
    {
        const string Body =
            """{"id":"0123456789012345678901234567890123456789012345678901234567890123","netns":"/proc/self/ns/net","pid":1,"labels":"""
                + """{"cni.networks":"podnet"}}""";

        var answer = AdminClient.Ask(Settings.AdminSocket, "POST", "/none/attach", Encoding.UTF8.GetBytes(Body), Patience);

        Assert.Equal(409, answer.Status);
        Assert.Contains("process 1 does not belong to the container", answer.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Socket_IsItsOwnersAlone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Settings.AdminSocket));

    [Fact]
    public async Task SecondDaemon_OnTheSameAdminSocket_GetsAnErrorThatNamesTheSetting()
    {
        var second = Settings with { PluginSocket = Path.Combine(Folder, "other.sock") };

        var fault = await Assert.ThrowsAsync<SettingsException>(() => Daemon.RunAsync(second, TestContext.Current.CancellationToken));

        Assert.Contains("--admin-socket", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneSocketForBoth_IsRefused() =>
        Assert.Contains("plugin-socket and admin-socket are both", (await Assert.ThrowsAsync<SettingsException>(
        () => Daemon.RunAsync(Settings with { PluginSocket = Settings.AdminSocket }, TestContext.Current.CancellationToken))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Ask_WhereNobodyListens_SaysWhatToLookAt() => Assert.Contains(
        "is \"cnid serve\" running?", Assert.Throws<DaemonAbsentException>(() =>
            Ask(Path.Combine(Folder, "nobody.sock"), "GET", "/health")).Message, StringComparison.Ordinal);

    private static AdminAnswer Ask(string socket, string method, string path) => AdminClient.Ask(socket, method, path, [], Patience);

    private static string Text(AdminAnswer answer) => Encoding.UTF8.GetString(answer.Body);
}
