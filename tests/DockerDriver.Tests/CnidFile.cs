using System.Runtime.CompilerServices;

namespace DockerDriver.Tests;

/// <summary>The program <c>cnid</c> of the same build. The copy in the tests' folder lacks its dependencies.</summary>
internal static class CnidFile
{
    public static string Repository { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(Tests(), "../.."));

    public static string Path { get; } = System.IO.Path.Combine(
        Assert.Single(Directory.GetDirectories(
            System.IO.Path.Combine(Repository, "src/DockerDriver/bin",
                System.IO.Path.GetRelativePath(System.IO.Path.Combine(Tests(), "bin"), AppContext.BaseDirectory)), "linux-*")), "cnid");

    private static string Tests([CallerFilePath] string path = "") => System.IO.Path.GetDirectoryName(path)!;
}
