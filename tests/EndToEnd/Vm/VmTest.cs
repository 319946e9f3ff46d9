using EndToEnd.Host;

namespace EndToEnd.Vm;

/// <summary>A test on a machine that has just booted, with Docker and cnid as the package installs it.</summary>
[Collection("virtual machine")]
[Trait("Vm", "yes")]
public abstract class VmTest(VmDisk disk) : IAsyncLifetime
{
    internal VirtualMachine Machine { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(VmDisk.CannotRun is not null, VmDisk.CannotRun ?? "");
        Machine = await disk.MachineAsync();
        await Machine.BootAsync();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (Machine is not null)
            await Machine.DisposeAsync();
    }

    /// <summary>A list of <c>conf-dir</c>: bridge, portmap, firewall, with its subnet 10.N.0.0/24.</summary>
    internal Task ListAsync(string name, int subnet) => Machine.OkAsync($$$"""
        cat > /etc/cni/net.d/{{{name}}}.conflist <<'E'
        {"cniVersion":"1.0.0","name":"{{{name}}}","plugins":[
          {"type":"bridge","bridge":"{{{name}}}0","isGateway":true,"ipMasq":true,
           "ipam":{"type":"host-local","subnet":"10.{{{subnet}}}.0.0/24","routes":[{"dst":"0.0.0.0/0"}]}},
          {"type":"portmap","capabilities":{"portMappings":true}},{"type":"firewall"}]}
        E
        """);

    /// <summary>A Docker network made of that list.</summary>
    internal Task NetworkOfAsync(string list) =>
        Machine.OkAsync($"docker network create -d cni --ipam-driver null -o cni.network={list} {list}");

    /// <summary>From now on every list is performed by the built-in plugins.</summary>
    internal Task BuiltInsAlwaysAsync() =>
        Machine.OkAsync("""echo '{"builtin":"always"}' > /etc/cnid/cnid.json; systemctl restart cnid""");

    /// <summary>
    /// Each reaches the host behind the machine's uplink, soon, and is reached from there on its port.
    /// </summary>
    internal async Task PacketsPassAsync(params (string Container, int Port)[] containers)
    {
        foreach (var (container, port) in containers)
        {
            await EventuallyAsync($"docker exec {container} ping -c1 -W1 203.0.113.2");
            await EventuallyAsync($"ip netns exec internet curl -s -m1 http://203.0.113.1:{port}/ | grep -q hello");
        }
    }

    internal Task EventuallyAsync(string command, int seconds = 120)
    {
        CommandResult said = new(0, "", "");
        return Lab.EventuallyAsync(
            () => $"{command}: {said.Text}", async () => (said = await Machine.RunAsync(command)).Status == 0, seconds);
    }
}
