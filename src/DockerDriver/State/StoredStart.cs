using System.Security.Cryptography;

namespace DockerDriver.State;

/// <summary>
/// A container start that failed because of a network, or a container that cnid stopped because of one. Docker retries neither. The record
/// exists from the refusal until the container runs, is changed or is removed.
/// </summary>
internal sealed record StoredStart : IStored
{
    private const int IdLength = 12;

    public int Schema { get; init; } = 1;

    /// <summary>12 hexadecimal digits. Where the start was refused, they are in the container's <c>State.Error</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The error message of the failed start.</summary>
    public string Reason { get; init => field = value ?? ""; } = "";

    public DateTimeOffset FailedAt { get; init; }

    /// <summary>The reason with the id, by which the container is found: it becomes the container's <c>State.Error</c>.</summary>
    public string MarkedReason => $"{Reason} [cnid {Id}]";

    /// <summary>The boot in which it failed.</summary>
    public string Boot { get; init => field = value ?? ""; } = "";

    /// <summary>
    /// Docker's container id; null until it is found by its <c>State.Error</c>, since Docker does not tell it to a driver.
    /// </summary>
    public string? Container { get; init; }

    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>cnid stopped the container after it had started without its networks.</summary>
    public bool WasStopped { get; init; }

    /// <summary>It is to be started after the next boot only, because it had never been attached before.</summary>
    public bool IsForNextBoot { get; init; }

    /// <summary>
    /// The container's last start, restart policy and networks when it failed. Another value means that it has been started or changed
    /// since.
    /// </summary>
    public string Fingerprint { get; init => field = value ?? ""; } = "";

    /// <summary>The number of failed retries.</summary>
    public int Tries { get; init; }

    /// <summary>The time of the next retry.</summary>
    public DateTimeOffset NextTry { get; init; }

    /// <summary>The record of a start that has just failed.</summary>
    public static StoredStart New(string reason, DateTimeOffset now) => new()
    {
        Id = RandomNumberGenerator.GetHexString(IdLength, lowercase: true),
        Reason = reason,
        FailedAt = now,
    };

    /// <summary>Whether it is the start of the container with that name or id, or with an id that begins with it.</summary>
    public bool IsOf(string id) =>
        Container is not null && id.Length > 0 && (Name == id || Container.StartsWith(id, StringComparison.Ordinal));
}
