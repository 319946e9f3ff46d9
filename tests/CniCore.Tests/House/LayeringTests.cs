using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace CniCore.Tests.House;

/// <summary>Holds the arrows of the house: who may use whom, read from the <c>using</c>s. And its sizes.</summary>
public sealed partial class LayeringTests
{
    private static readonly string Source = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../src"));

    [Theory]
    [InlineData("CniCore/Spec", "CniCore.Spec")]
    [InlineData("CniCore.Linux", "CniCore.Linux")]
    [InlineData("CniCore/Config", "CniCore.Config", "CniCore.Spec")]
    [InlineData("CniCore/Exec", "CniCore.Exec", "CniCore.Spec", "CniCore.Linux")]
    [InlineData("CniCore/Cache", "CniCore.Cache", "CniCore.Spec", "CniCore.Linux.Files")]
    [InlineData("CniCore/Firewall", "CniCore.Firewall", "CniCore.Spec", "CniCore.Linux")]
    [InlineData("CniCore/Plugins", "CniCore.Plugins", "CniCore.Firewall", "CniCore.Spec", "CniCore.Linux")]
    [InlineData("CniCore/Executable", "CniCore.Executable", "CniCore.Exec", "CniCore.Linux.Namespaces", "CniCore.Plugins", "CniCore.Spec")]
    [InlineData("CniCore/Runtime", "CniCore.Runtime", "CniCore.Cache", "CniCore.Config", "CniCore.Spec", "CniCore.Linux")]
    [InlineData("DockerDriver/Protocol", "DockerDriver.Protocol")]
    [InlineData("DockerDriver/State", "DockerDriver.State", "CniCore")]
    [InlineData("Conformance", "Conformance", "CniCore")]
    [InlineData("DockerDriver/Doctor", "DockerDriver.Doctor", "DockerDriver.Admin", "DockerDriver.Lists", "DockerDriver.Networks",
        "DockerDriver.State", "DockerDriver.Hosting", "CniCore")]
    [InlineData("DockerDriver/Lists", "DockerDriver.Lists", "DockerDriver.Networks", "DockerDriver.Hosting", "CniCore")]
    [InlineData("DockerDriver/Networks", "DockerDriver.Networks", "DockerDriver.Protocol", "DockerDriver.State",
        "DockerDriver.Hosting", "CniCore")]
    [InlineData("DockerDriver/Ipam", "DockerDriver.Ipam", "DockerDriver.Networks", "DockerDriver.Protocol", "DockerDriver.State",
        "DockerDriver.Hosting", "CniCore")]
    [InlineData("DockerDriver/Rebuild", "DockerDriver.Rebuild", "DockerDriver.Ipam", "DockerDriver.Networks", "DockerDriver.Protocol",
        "DockerDriver.State", "DockerDriver.Hosting", "CniCore")]
    [InlineData("DockerDriver/OciRuntime", "DockerDriver.OciRuntime", "DockerDriver.Admin", "DockerDriver.State",
        "DockerDriver.Hosting", "CniCore.Linux")]
    [InlineData("DockerDriver/Admin", "DockerDriver.Admin", "DockerDriver.Ipam", "DockerDriver.Networks", "DockerDriver.NoneNetwork",
        "DockerDriver.Hosting", "CniCore")]
    [InlineData("DockerDriver/NoneNetwork", "DockerDriver.NoneNetwork", "DockerDriver.Networks", "DockerDriver.Protocol",
        "DockerDriver.State", "DockerDriver.Hosting", "CniCore")]
    public void Folder_UsesOnlyWhatItMay(string folder, params string[] allowed)
    {
        var wrong = from file in Files(folder)
                    from line in File.ReadLines(file)
                    where line.StartsWith("using ", StringComparison.Ordinal)
                        && (line.Contains("CniCore", StringComparison.Ordinal) || line.Contains("DockerDriver", StringComparison.Ordinal))
                    let used = line.Split(' ')[^1].TrimEnd(';')
                    where !allowed.Any(one => used == one || used.StartsWith(one + ".", StringComparison.Ordinal))
                    select $"{file}: {line}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void File_IsNotOver400Lines() =>
        Assert.DoesNotContain(Files("."), file => File.ReadLines(file).Count() > 400);

    [Fact]
    public void Line_IsNotOver140Columns() => Assert.Empty(
        from file in Files(".").Concat(Files("../tests"))
        from line in File.ReadLines(file).Index()
        where line.Item.Length > 140
        select $"{file}:{line.Index + 1}");

    [Fact]
    public void UnsafeCode_IsInLinuxAlone() =>
        Assert.DoesNotContain(Files("."), file =>
            !file.Contains("/CniCore.Linux/", StringComparison.Ordinal)
            && File.ReadAllText(file).Contains("unsafe ", StringComparison.Ordinal));

    // .NET takes 010.0.0.1 for 8.0.0.1. What the kernel said, in Linux, is no text of a user's.
    [Fact]
    public void A_Addresses_AreReadInOnePlace() =>
        Assert.DoesNotContain(
            Files(".").Where(file =>
                !file.Contains("/CniCore.Linux/", StringComparison.Ordinal) && !file.EndsWith("/AddressText.cs", StringComparison.Ordinal)),
            file => RawAddress().IsMatch(File.ReadAllText(file)));

    [GeneratedRegex(@"\b(IPAddress|IPNetwork|IPEndPoint)\.(Try)?Parse\(")]
    private static partial Regex RawAddress();

    private static IEnumerable<string> Files(string folder) => Directory
        .EnumerateFiles(Path.Combine(Source, folder), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal));

    private static string Here([CallerFilePath] string path = "") => path;
}
