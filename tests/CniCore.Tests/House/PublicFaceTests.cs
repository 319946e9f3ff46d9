using System.Reflection;
using System.Runtime.CompilerServices;
using CniCore.Runtime;

namespace CniCore.Tests.House;

/// <summary>CniCore's public face, as public-face.txt beside this file has it: a change of it is a decision, not an accident.</summary>
public sealed class PublicFaceTests
{
    private static readonly string Recorded = Path.Combine(Path.GetDirectoryName(Here())!, "public-face.txt");

    [Fact]
    public void PublicFace_IsTheOneThatWasDecided()
    {
        var face = string.Join('\n', typeof(CniRuntime).Assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)
            .Select(Describe)) + "\n";
        if (!File.Exists(Recorded))
            File.WriteAllText(Recorded, face); // delete the file to record a new face
        Assert.Equal(File.ReadAllText(Recorded), face);
    }

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
