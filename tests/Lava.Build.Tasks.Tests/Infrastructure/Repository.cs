using System.Runtime.CompilerServices;

namespace Lava.Build.Tests;

/// <summary>The files of the repository that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../.."));

    public static string At(params string[] names) => Path.Combine([Root, .. names]);

    /// <summary>The files below a directory, without those that builds make.</summary>
    public static IEnumerable<string> Files(string directory, string pattern = "*") =>
        Directory.EnumerateFiles(At(directory), pattern, SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Root, file).Split('/').Any(name => name is "bin" or "obj"));

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
