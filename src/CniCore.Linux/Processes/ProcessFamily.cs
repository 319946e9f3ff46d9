using System.Globalization;
using System.Text;
using CniCore.Linux.Files;
using Tmds.Linux;

namespace CniCore.Linux.Processes;

/// <summary>
/// A child and everything that it has started, to the last generation, whatever sessions and process groups they have made. They are found
/// by their parents and, because init is the parent of one whose own has ended, by a mark in the environment, which all of them inherit.
/// </summary>
/// <param name="child">The child's process id.</param>
/// <param name="mark">The mark, <c>NAME=VALUE</c>.</param>
internal sealed class ProcessFamily(int child, string mark)
{
    private const int State = 0, Parent = 1, Began = 19; // proc_pid_stat(5), counted from behind the name
    private const int MostRounds = 100;
    private const int MaxEnvironment = 8 * 1024 * 1024; // more than execve takes
    private readonly string child = child.ToString(CultureInfo.InvariantCulture);
    private readonly byte[] mark = Encoding.UTF8.GetBytes(mark);

    // By id and start: the id of one that has ended may be another's.
    private readonly Dictionary<string, Member> known = new(StringComparer.Ordinal);

    /// <summary>Finds those that there are now. Those that it has found once, it remembers. The child must not be reaped yet.</summary>
    /// <returns>Whether there are any that it did not know.</returns>
    public bool Look()
    {
        var others = new List<Member>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (Path.GetFileName(folder) is var id && char.IsAsciiDigit(id[0]) && id != child && Read(id) is { } other)
                others.Add(other);
        }
        var parents = new HashSet<string>(StringComparer.Ordinal) { child };
        bool isNew, isFirst = true;
        var hasNew = false;
        do
        {
            isNew = false;
            foreach (var other in others)
            {
                var isKnown = known.ContainsKey(other.Key);
                if (!isKnown && (parents.Contains(other.Parent) || (isFirst && IsMarked(other))))
                    known[other.Key] = other;
                else if (!isKnown)
                    continue;
                isNew |= parents.Add(other.Id);
                hasNew |= !isKnown;
            }
            isFirst = false;
        }
        while (isNew);
        return hasNew;
    }

    /// <summary>Kills all but the child, also those that are started meanwhile, unless they never end.</summary>
    public void Kill()
    {
        for (var round = 0; round < MostRounds && (Look() || round == 0); round++)
        {
            foreach (var member in known.Values)
            {
                if (Read(member.Id)?.Key == member.Key)
                    _ = LibC.kill(int.Parse(member.Id, CultureInfo.InvariantCulture), LibC.SIGKILL);
            }
        }
    }

    private bool IsMarked(Member member)
    {
        try
        {
            return ((ReadOnlySpan<byte>)RegularFile.ReadAllBytes($"/proc/{member.Id}/environ", MaxEnvironment)).IndexOf(mark) >= 0;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // Null if it has ended, and is not reaped yet.
    private static Member? Read(string id)
    {
        try
        {
            var text = RegularFile.ReadAllText($"/proc/{id}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return fields[State] is "Z" or "X" ? null : new(id, fields[Parent], $"{id} {fields[Began]}");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Member(string id, string parent, string key)
    {
        public string Id { get; } = id;

        public string Parent { get; } = parent;

        public string Key { get; } = key;
    }
}
