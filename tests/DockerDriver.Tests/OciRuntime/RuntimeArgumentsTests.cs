using DockerDriver.OciRuntime;

namespace DockerDriver.Tests.OciRuntime;

public sealed class RuntimeArgumentsTests
{
    // As containerd's shim passes them (go-runc), and the other forms that runc's option parser accepts.
    [Theory]
    [InlineData(
        "--root /var/run/docker/runtime-cni/moby --log /l.json --log-format json --systemd-cgroup create --bundle /b --pid-file /p c1",
            "create", "c1", "/b", "/l.json", true)]
    [InlineData("--root=/r --log=/l create -b /b c1", "create", "c1", "/b", "/l", false)]
    [InlineData("-log /l --log-format=json create --no-pivot --bundle=/b --console-socket /s c1", "create", "c1", "/b", "/l", true)]
    [InlineData("--root create restore --bundle /b --work-path /w c1", "restore", "c1", "/b", null, false)]
    [InlineData("--root create kill --all c1 9", "kill", "c1", null, null, false)]
    [InlineData("exec --process /p c1", "exec", "/p", null, null, false)]
    [InlineData("--version", "", "", null, null, false)]
    [InlineData("--root", "", "", null, null, false)]
    [InlineData("", "", "", null, null, false)]
    public void Parse_FindsWhatMatters(string line, string verb, string id, string? bundle, string? log, bool json) => Assert.Equal(
        new RuntimeArguments(verb, id, bundle ?? Environment.CurrentDirectory, log, json),
        RuntimeArguments.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
}
