using System.Security.Cryptography;

namespace Lava.Build.Sdk.Tests;

/// <summary>Looks at a cache from outside: all that stands in it must be whole and under its own name.</summary>
internal static class CacheCheck
{
    /// <summary>What is wrong with the cache. What was set aside as damaged is no fault of it.</summary>
    public static IEnumerable<string> Faults(string cache) =>
    [
        .. Entries(cache, "archives").Where(archive => !IsArchive(archive)).Select(archive => $"{archive} is not what its name says"),
        .. Entries(cache, "trees").Where(tree => !IsTree(tree)).Select(tree => $"{tree} is no tree with its manifest"),
        .. Entries(cache, "incoming").Where(path => !IsResumable(path)).Select(path => $"{path} was left"),
    ];

    /// <summary>What was set aside as damaged.</summary>
    public static IReadOnlyList<string> Damaged(string cache) => [.. Entries(cache, "damaged")];

    // What is staged or pruned begins with a dot, so it is neither.
    private static bool IsArchive(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == Path.GetFileName(path);
    }

    private static bool IsTree(string path) =>
        !Path.GetFileName(path).StartsWith('.') && File.Exists(Path.Combine(path, "manifest")) && Directory.Exists(Path.Combine(path, "tree"));

    private static bool IsResumable(string path) =>
        path.EndsWith(".part", StringComparison.Ordinal) || path.EndsWith(".part.validator", StringComparison.Ordinal) && File.Exists(path[..^".validator".Length]);

    // Any part of a cache may be missing.
    private static IEnumerable<string> Entries(string cache, string directory) => Directory.Exists(Path.Combine(cache, directory))
        ? Directory.EnumerateFileSystemEntries(Path.Combine(cache, directory), "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None })
        : [];
}
