using System.Reflection;
using System.Runtime.CompilerServices;

namespace CniCore.Tests.House;

/// <summary>
/// The public types of the libraries are those in the files beside this one, so that a change of them is decided and not an accident.
/// </summary>
public sealed class PublicFaceTests
{
    [Theory]
    [InlineData("CniCore")]
    [InlineData("CniCore.Linux")]
    [InlineData("CniCore.Firewall")]
    [InlineData("CniCore.Plugins")]
    public void PublicFace_IsTheOneThatWasDecided(string assembly)
    {
        var face = string.Join('\n', Assembly.Load(assembly).GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(Describe)) + "\n";
        var recorded = Path.Combine(Path.GetDirectoryName(Here())!, $"{assembly}.public.txt");
        if (!File.Exists(recorded))
            File.WriteAllText(recorded, face); // delete the file to record a new face
        Assert.Equal(File.ReadAllText(recorded), face);
    }

    [Fact]
    public void PublicTypes_OfCniCore_AreNotOver30() => Assert.InRange(Assembly.Load("CniCore").GetExportedTypes().Length, 1, 30);

    private static string Describe(Type type)
    {
        var members = type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Where(member => !IsGenerated(member))
            .Select(member => "    " + member)
            .Order(StringComparer.Ordinal);
        return string.Join('\n', members.Prepend(type.FullName!));
    }

    // Accessors, and what the compiler gives every record.
    private static bool IsGenerated(MemberInfo member) =>
        member is MethodBase { IsSpecialName: true, IsConstructor: false }
        || member.GetCustomAttribute<CompilerGeneratedAttribute>() is not null
        || member.Name is "ToString" or "GetHashCode" or "Equals" or "value__";

    private static string Here([CallerFilePath] string path = "") => path;
}
