using System.Security.Cryptography;
using System.Text;
using Xunit.Sdk;
using Xunit.v3;

namespace Support;

/// <summary>
/// Sorts tests by name, so that their order does not depend on the repository's path, as xunit's does. TEST_ORDER, any word, shuffles them,
/// since each test must pass after any other.
/// </summary>
public sealed class Order : ITestCollectionOrderer, ITestMethodOrderer, ITestCaseOrderer
{
    private static readonly string? Seed = Environment.GetEnvironmentVariable("TEST_ORDER");

    public IReadOnlyCollection<T> OrderTestCollections<T>(IReadOnlyCollection<T> testCollections) where T : ITestCollection =>
        By(testCollections, collection => collection.TestCollectionDisplayName);

    public IReadOnlyCollection<T?> OrderTestMethods<T>(IReadOnlyCollection<T?> testMethods) where T : notnull, ITestMethod =>
        By(testMethods, method => method?.MethodName ?? "");

    public IReadOnlyCollection<T> OrderTestCases<T>(IReadOnlyCollection<T> testCases) where T : notnull, ITestCase =>
        By(testCases, test => test.TestCaseDisplayName);

    private static IReadOnlyCollection<T> By<T>(IEnumerable<T> tests, Func<T, string> name) =>
        [.. tests.OrderBy(test => Seed is null
            ? name(test)
            : Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Seed + name(test)))), StringComparer.Ordinal)];
}
