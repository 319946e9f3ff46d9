namespace DockerDriver.Background;

/// <summary>Somebody has a lock, or waits for it.</summary>
/// <param name="Key">The lock's key.</param>
/// <param name="Work">Who has it or waits for it.</param>
/// <param name="Since">The clock's timestamp.</param>
internal sealed record LockUse(string Key, CurrentWork Work, long Since);
