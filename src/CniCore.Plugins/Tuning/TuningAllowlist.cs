using System.Text.RegularExpressions;
using CniCore.Linux.Files;
using CniCore.Spec;

namespace CniCore.Plugins.Tuning;

/// <summary>The administrator's list of allowed sysctls: one regular expression in each line. Without the file, all are allowed.</summary>
internal sealed class TuningAllowlist(string path)
{
    public const string DefaultPath = "/etc/cni/tuning/allowlist.conf";

    // The reference's expressions take linear time (Go's regexp); .NET's may not.
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);

    /// <exception cref="CniPluginException">A key is not on the list, or a line is no valid expression.</exception>
    public void Check(IEnumerable<string> keys)
    {
        if (!File.Exists(path))
            return;
        var lines = RegularFile.ReadAllLines(path).Select(line => line.Trim()).Where(line => line.Length > 0).ToList();
        if (keys.FirstOrDefault(key => !lines.Exists(line => Matches(line, key))) is { } refused)
            throw new CniPluginException(CniErrorCode.InvalidConfig,
                $"Sysctl {refused} is not allowed. Only the following sysctls are allowed: [{string.Join(' ', lines)}]");
    }

    private bool Matches(string line, string key)
    {
        try
        {
            return Regex.IsMatch(key, line, RegexOptions.CultureInvariant, MatchLimit);
        }
        catch (RegexMatchTimeoutException fault)
        {
            throw new CniPluginException(CniErrorCode.InvalidConfig,
                $"{path} has an expression that takes too long: {line}: write it without repetition within repetition", "", fault);
        }
        catch (ArgumentException fault)
        {
            throw new CniPluginException(CniErrorCode.InvalidConfig,
                $"{path} has a line that is not a regular expression", fault.Message, fault);
        }
    }
}
