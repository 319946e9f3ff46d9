namespace EndToEnd.Host;

/// <summary>How a flow fared.</summary>
/// <param name="Name">Its name, and its protocol.</param>
/// <param name="Sent">The messages that it sent.</param>
/// <param name="Lost">Those of them that were not answered.</param>
/// <param name="Broken">How often its connection broke.</param>
/// <param name="Pause">The longest time without an answer, in milliseconds.</param>
internal sealed record FlowCount(string Name, int Sent, int Lost, int Broken, int Pause);
