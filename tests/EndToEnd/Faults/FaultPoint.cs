using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace EndToEnd.Faults;

/// <summary>A system call of a path, and what becomes of it.</summary>
/// <param name="At">Its place among all calls of the path, as they were recorded.</param>
/// <param name="Number">Its place among its equals, from 1.</param>
/// <param name="Call">Its name.</param>
/// <param name="About">What it is about: a path without ids, <c>netlink</c> and its message, <c>unix</c>; may be empty.</param>
/// <param name="Fault"><c>before</c> and <c>after</c>: the program is killed; else the name of the error with which the call fails.</param>
/// <param name="IsExtra">Another error that cnid treats alike is tried at this call.</param>
internal sealed partial record FaultPoint(int At, int Number, string Call, string About, string Fault, bool IsExtra = false)
{
    // asm-generic/errno-base.h, errno.h
    private static readonly Dictionary<string, int> Numbers = new(StringComparer.Ordinal)
    {
        ["EPERM"] = 1, ["EIO"] = 5, ["EAGAIN"] = 11, ["ENOMEM"] = 12, ["EBUSY"] = 16, ["EMFILE"] = 24, ["ENOSPC"] = 28, ["ENOBUFS"] = 105,
    };

    // A file that may not be opened or removed is another exception than one that cannot be. Else cnid treats these errors alike.
    private const string OfPermission = "EPERM";

    private static readonly Dictionary<string, string[]> Errors = new(StringComparer.Ordinal)
    {
        ["openat"] = ["ENOSPC", "EIO", "EPERM", "EMFILE"],
        ["open"] = ["EIO", "EPERM", "EMFILE"],
        ["write"] = ["ENOSPC", "EIO"],
        ["pwrite64"] = ["ENOSPC", "EIO"],
        ["writev"] = ["ENOSPC", "EIO"],
        ["pwritev"] = ["ENOSPC", "EIO"],
        ["ftruncate"] = ["ENOSPC", "EIO"],
        ["fsync"] = ["ENOSPC", "EIO"],
        ["fdatasync"] = ["ENOSPC", "EIO"],
        ["rename"] = ["ENOSPC", "EIO"],
        ["renameat2"] = ["ENOSPC", "EIO"],
        ["unlink"] = ["EIO", "EPERM", "EBUSY"],
        ["unlinkat"] = ["EIO", "EPERM", "EBUSY"],
        ["mkdir"] = ["ENOSPC", "EIO"],
        ["mkdirat"] = ["ENOSPC", "EIO"],
        ["rmdir"] = ["EBUSY"],
        ["link"] = ["ENOSPC"],
        ["symlink"] = ["ENOSPC"],
        ["chown"] = ["EPERM"],
        ["chmod"] = ["EPERM"],
        ["fchmod"] = ["EPERM"],
        ["mount"] = ["EPERM", "ENOMEM", "ENOSPC"],
        ["umount2"] = ["EBUSY", "EPERM"],
        ["setns"] = ["EPERM", "ENOMEM"],
        ["unshare"] = ["EPERM", "ENOMEM", "ENOSPC"],
        ["clone"] = ["EAGAIN", "ENOMEM"],
        ["vfork"] = ["EAGAIN", "ENOMEM"],
        ["pidfd_open"] = ["EMFILE", "ENOMEM"],
        ["socket"] = ["EMFILE", "ENOMEM", "ENOBUFS"],
        ["bind"] = ["ENOMEM", "EPERM"],
        ["listen"] = ["ENOMEM"],
        ["sendto"] = ["ENOBUFS", "ENOMEM", "EPERM"],
        ["sendmsg"] = ["ENOBUFS", "ENOMEM", "EPERM"],
    };

    /// <summary>What the supervisor is told.</summary>
    public string Order => Fault is "before" or "after"
        ? string.Create(CultureInfo.InvariantCulture, $"{Fault} {Number} {Call} {About}")
        : string.Create(CultureInfo.InvariantCulture, $"fail {Numbers[Fault]} {Number} {Call} {About}");

    /// <summary>Kind of call: what a sample has to cover.</summary>
    public string Kind => About.Split(' ')[0] is "netlink" or "unix" or "inet" ? $"{Call} {Numeral().Replace(About, "")}" : Call;

    /// <summary>The call and the fault, wherever it comes.</summary>
    public string Shape => $"{Call} {About} {Fault}";

    /// <summary>The same in each run.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Number}\t{Call}\t{About}\t{Fault}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Fault}, {Call} {About}, number {Number}");

    /// <summary>
    /// Every point of a record that the supervisor has written: a line a call, its number, name and object. Without those at which the
    /// same happens as at another: a call that only asks leaves all as it was, and to be killed before a call is to be killed after the
    /// last one that changed something, unless others go on meanwhile: a child that it started, or who had an answer. Of the errors that
    /// cnid treats alike, each call has one in its turn; the others are extra.
    /// </summary>
    public static IReadOnlyList<FaultPoint> In(string record)
    {
        var points = new List<FaultPoint>();
        var othersGoOn = true;
        foreach (var (at, line) in record.Split('\n', StringSplitOptions.RemoveEmptyEntries).Index())
        {
            if (line.Split(' ', 3) is not [var number, var call, var about])
                throw new FormatException($"the supervisor wrote: {line}");
            var changes = call != "open" && !about.Contains(" asks ", StringComparison.Ordinal);
            string[] kills = (changes, othersGoOn) switch { (false, _) => [], (true, true) => ["before", "after"], _ => ["after"] };
            var one = new FaultPoint(at, int.Parse(number, CultureInfo.InvariantCulture), call, about, "");
            points.AddRange(kills.Select(kill => one with { Fault = kill }));
            points.AddRange(ErrorsOf(call, about).GroupBy(error => error == OfPermission && call is "open" or "openat" or "unlink")
                .SelectMany(alike => one.InTurn([.. alike])));
            if (changes)
                othersGoOn = call is "vfork" or "clone" or "pidfd_open" || about is "unix" or "inet";
        }
        return points;
    }

    // The same error at the same call in each run.
    private IEnumerable<FaultPoint> InTurn(string[] errors)
    {
        var turn = SHA256.HashData(Encoding.UTF8.GetBytes($"{Number} {Call} {About}"))[0] % errors.Length;
        return errors.Select((error, at) => this with { Fault = error, IsExtra = at != turn });
    }

    // An answer that cannot be sent is the engine's fault to meet: the connection ends.
    private static string[] ErrorsOf(string call, string about) =>
        about == "unix" && call.StartsWith("send", StringComparison.Ordinal) ? [] : Errors[call];

    [GeneratedRegex(" ?[0-9]+")]
    private static partial Regex Numeral();
}
