using System.Security.Cryptography;
using System.Text;

namespace Lava.Build.Sdk.Tests;

/// <summary>Compares a tree of the cache with its manifest, by a reader of its own.</summary>
internal static class TreeCheck
{
    private const string Trailer = "\nsha256\t";

    /// <summary>What is not as the manifest says, or is not in it.</summary>
    public static IEnumerable<string> Faults(string directory)
    {
        string manifest = Path.Combine(directory, "manifest");
        string tree = Path.Combine(directory, "tree");
        if (!File.Exists(manifest) || !Directory.Exists(tree))
        {
            return [$"{directory} is no tree with its manifest"];
        }

        string text = File.ReadAllText(manifest);
        int end = text.LastIndexOf(Trailer, StringComparison.Ordinal) + 1;
        if (end == 0 || text[(end + Trailer.Length - 1)..].TrimEnd() != Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text[..end]))))
        {
            return [$"{manifest} is not whole"];
        }

        string[][] lines = [.. text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split('\t'))];
        HashSet<string> known = [.. lines.Select(line => line[1])];
        return
        [
            .. lines.Where(line => !IsAsSaid(Path.Combine(tree, line[1]), line)).Select(line => $"{tree}/{line[1]} is not what the manifest says"),
            .. Directory.EnumerateFileSystemEntries(tree, "*", Everything).Select(path => Path.GetRelativePath(tree, path)).Where(path => !known.Contains(path))
                .Select(path => $"{tree}/{path} is not in the manifest"),
        ];
    }

    private static EnumerationOptions Everything => new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };

    // Kind, path, time; for a link its target, for a file its size and digest.
    private static bool IsAsSaid(string path, string[] line) => line[0] switch
    {
        "d" => Directory.Exists(path) && new DirectoryInfo(path).LinkTarget is null,
        "l" => new FileInfo(path).LinkTarget == line[3],
        _ => File.Exists(path) && new FileInfo(path).LinkTarget is null && Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) == line[4],
    };
}
