namespace EndToEnd.Host;

/// <summary>A test in the lab. Afterwards its containers and networks are removed, and the host must be as it was before.</summary>
public abstract class LabTest(Lab lab) : IAsyncLifetime
{
    private string before = "";

    protected Lab Lab { get; } = lab;

    public virtual async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Host.Lab.CannotRun is not null, Host.Lab.CannotRun ?? "");
        before = await Inventory.TakeAsync(Lab);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Lab.RunAsync(
            "docker ps -aq | xargs -rn 10 docker rm -f > /dev/null 2>&1; docker network prune -f; rm -f /etc/cni/net.d/* /opt/cni/bin/*");
        await ClearAsync();
        var after = "";
        try
        {
            await Lab.EventuallyAsync("nothing is left", async () => (after = await Inventory.TakeAsync(Lab)) == before);
        }
        catch (Exception)
        {
            Assert.Fail($"left behind:\n{Inventory.Differences(before, after)}");
        }
    }

    /// <summary>Removes what the test has made on the lab's host besides containers, networks and lists.</summary>
    protected virtual Task ClearAsync() => Task.CompletedTask;

    /// <summary>
    /// Removes what reference plugins have made for a list's attachments and no DEL could take away: the masquerade (bridge leaves it
    /// where it is called without a namespace) and what firewall has admitted.
    /// </summary>
    protected async Task RemoveRulesOfAsync(string list) => await Lab.OkAsync($$"""
        for iptables in iptables ip6tables; do
            $iptables -t nat -S POSTROUTING | grep 'name: .*"{{list}}' | while read -r rule; do
                echo "$rule" | sed "s/^-A/$iptables -t nat -D/" | sh
                chain=${rule##* }
                $iptables -t nat -F $chain
                $iptables -t nat -X $chain
            done
            $iptables -F CNI-FORWARD 2> /dev/null
        done
        true
        """);
}
