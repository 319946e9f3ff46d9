using System.Text.RegularExpressions;

namespace CniCore.Tests.Plugins;

/// <summary>
/// Something in which built-ins differ from the reference on purpose. <paramref name="Shows"/>: what of it would show in a comparison
/// of what both left, and is taken out of it; null where the cases keep clear of it, or a test of its own asks for it.
/// </summary>
internal sealed record Difference(string Plugins, string What, string Why, Regex? Shows = null);
