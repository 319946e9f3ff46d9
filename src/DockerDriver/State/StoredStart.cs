using System.Security.Cryptography;

namespace DockerDriver.State;

/// <summary>
/// A start that failed because of its network, or a container that cnid stopped because of it: Docker tries neither again. From the refusal
/// until the container runs, is changed or removed.
/// </summary>
internal sealed record StoredStart : IStored
{
    private const int IdLength = 12;

    public int Schema { get; init; } = 1;

    /// <summary>12 hexadecimal digits, which the container's <c>State.Error</c> has in it where its start was refused.</summary>
    public required string Id { get; init; }

    /// <summary>Why it failed, as its user was told.</summary>
    public string Reason { get; init; } = "";

    public DateTimeOffset FailedAt { get; init; }

    /// <summary>The reason with the mark by which the container is found: it is to reach its <c>State.Error</c>.</summary>
    public string MarkedReason => $"{Reason} [cnid {Id}]";

    /// <summary>The boot it failed in.</summary>
    public string Boot { get; init; } = "";

    /// <summary>
    /// Docker's id of the container; null until it is found by its <c>State.Error</c>: Docker does not tell it to a driver.
    /// </summary>
    public string? Container { get; init; }

    public string Name { get; init; } = "";

    /// <summary>cnid has stopped it, after it had started without its networks.</summary>
    public bool WasStopped { get; init; }

    /// <summary>It is to be started again after the next boot only: in this one it was run for the first time.</summary>
    public bool IsForNextBoot { get; init; }

    /// <summary>
    /// Its last start, restart policy and networks when it failed. Another value says that it was started or changed since.
    /// </summary>
    public string Fingerprint { get; init; } = "";

    /// <summary>How often it was started again in vain.</summary>
    public int Tries { get; init; }

    /// <summary>When it is started again.</summary>
    public DateTimeOffset NextTry { get; init; }

    /// <summary>A start that has failed just now.</summary>
    public static StoredStart New(string reason, DateTimeOffset now) => new()
    {
        Id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true),
        Reason = reason,
        FailedAt = now,
    };

    /// <summary>Whether it is the container's of that name, or id, or whose id begins so.</summary>
    public bool IsOf(string id) =>
        Container is not null && id.Length > 0 && (Name == id || Container.StartsWith(id, StringComparison.Ordinal));
}
