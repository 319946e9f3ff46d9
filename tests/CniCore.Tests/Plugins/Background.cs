using System.Diagnostics;
using System.Threading.Channels;

namespace CniCore.Tests.Plugins;

/// <summary>A program that runs beside a test, in a namespace, and what it says, line by line. Ends with the test.</summary>
internal sealed class Background : IDisposable
{
    private readonly Process process;
    private readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    private readonly List<string> said = [];
    private bool ended;

    public Background(string spacePath, string program, params string[] arguments)
    {
        process = Children.Start(new ProcessStartInfo("nsenter", [$"--net={spacePath}", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Reads on until a line has these words.</summary>
    public void Await(string words)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        try
        {
            while (true)
            {
                var line = lines.Reader.ReadAsync(patience.Token).AsTask().GetAwaiter().GetResult();
                said.Add(line);
                if (line.Contains(words, StringComparison.Ordinal))
                    return;
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"no word of \"{words}\" in:\n{string.Join('\n', said)}");
        }
    }

    public void Dispose()
    {
        if (ended)
            return;
        ended = true;
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
            lines.Writer.TryWrite(line);
    }
}
