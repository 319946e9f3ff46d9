using CniCore.Plugins.Tuning;
using CniCore.Spec;

namespace CniCore.Tests.Plugins;

public sealed class TuningAllowlistTests : IDisposable
{
    private readonly string path = Path.GetTempFileName();

    public void Dispose() => File.Delete(path);

    [Fact]
    public async Task Check_ExpressionThatTakesTooLong_IsRefused_AndNamed()
    {
        await File.WriteAllTextAsync(path, "^(a+)+$\n");

        var fault = await Assert.ThrowsAsync<CniPluginException>(() =>
            Task.Run(() => new TuningAllowlist(path).Check([new string('a', 50) + "!"])).WaitAsync(TimeSpan.FromSeconds(20)));

        Assert.Contains("has an expression that takes too long: ^(a+)+$", fault.Message, StringComparison.Ordinal);
    }
}
