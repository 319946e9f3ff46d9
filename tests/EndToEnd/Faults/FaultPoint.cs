using System.Globalization;

namespace EndToEnd.Faults;

/// <summary>A system call of a path, and what becomes of it.</summary>
/// <param name="Number">Its place among the calls of the path, from 1.</param>
/// <param name="Call">Its name.</param>
/// <param name="About">What it is about: a path, <c>netlink</c>, <c>unix</c>.</param>
/// <param name="Fault"><c>before</c> and <c>after</c>: the program is killed; else the name of the error with which the call fails.</param>
internal sealed record FaultPoint(int Number, string Call, string About, string Fault)
{
    // asm-generic/errno-base.h, errno.h
    private static readonly Dictionary<string, int> Numbers = new(StringComparer.Ordinal)
    {
        ["EPERM"] = 1, ["EIO"] = 5, ["EAGAIN"] = 11, ["ENOMEM"] = 12, ["EBUSY"] = 16, ["EMFILE"] = 24, ["ENOSPC"] = 28, ["ENOBUFS"] = 105,
    };

    private static readonly Dictionary<string, string[]> Errors = new(StringComparer.Ordinal)
    {
        ["openat"] = ["ENOSPC", "EIO", "EPERM", "EMFILE"],
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
        ? string.Create(CultureInfo.InvariantCulture, $"{Fault} {Number}")
        : string.Create(CultureInfo.InvariantCulture, $"fail {Number} {Numbers[Fault]}");

    /// <summary>Kind of call and of fault: what a sample has to cover.</summary>
    public string Kind => $"{Call} {(About is "netlink" or "unix" or "inet" ? About + " " : "")}{Fault}";

    /// <summary>The same in each run: without the ids of what it is about.</summary>
    public string Key => string.Create(CultureInfo.InvariantCulture, $"{Number} {Call} {Fault}");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Fault} call {Number}, {Call} {About}");

    /// <summary>Every point of a record that the supervisor has written: a line a call, its number, name and object.</summary>
    public static IReadOnlyList<FaultPoint> In(string record) =>
    [
        .. from line in record.Split('\n', StringSplitOptions.RemoveEmptyEntries)
           let words = line.Split(' ', 3)
           let about = words.Length > 2 ? words[2] : ""
           from fault in (string[])["before", "after", .. ErrorsOf(words[1], about)]
           select new FaultPoint(int.Parse(words[0], CultureInfo.InvariantCulture), words[1], about, fault),
    ];

    // An answer that cannot be sent is the engine's fault to meet: the connection ends.
    private static string[] ErrorsOf(string call, string about) =>
        about == "unix" && call.StartsWith("send", StringComparison.Ordinal) ? [] : Errors[call];
}
