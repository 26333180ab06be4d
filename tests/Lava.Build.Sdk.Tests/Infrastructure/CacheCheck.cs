using System.Security.Cryptography;

namespace Lava.Build.Sdk.Tests;

/// <summary>Looks at a cache from outside: all that stands in it must be whole and under its own name.</summary>
internal static class CacheCheck
{
    /// <summary>What is wrong with the cache. What was set aside as damaged is no fault of it.</summary>
    public static IEnumerable<string> Faults(string cache) =>
    [
        .. ContentFaults(Entries(cache, "archives"), Entries(cache, "trees")),
        .. Entries(cache, "incoming").Where(path => !IsResumable(path)).Select(path => $"{path} was left"),
    ];

    /// <summary>What is wrong with what stands under a final name, whatever a killed build has left beside it.</summary>
    public static IEnumerable<string> PublishedFaults(string cache) =>
        ContentFaults(Entries(cache, "archives").Where(IsPublished), Entries(cache, "trees").Where(IsPublished));

    /// <summary>What was set aside as damaged.</summary>
    public static IReadOnlyList<string> Damaged(string cache) => [.. Entries(cache, "damaged")];

    private static IEnumerable<string> ContentFaults(IEnumerable<string> archives, IEnumerable<string> trees) =>
    [
        .. archives.Where(archive => !IsArchive(archive)).Select(archive => $"{archive} is not what its name says"),
        .. trees.SelectMany(tree => IsPublished(tree) ? TreeCheck.Faults(tree) : [$"{tree} was left"]),
    ];

    // What is staged or pruned begins with a dot.
    private static bool IsPublished(string path) => !Path.GetFileName(path).StartsWith('.');

    private static bool IsArchive(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        using FileStream content = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(content)) == Path.GetFileName(path);
    }

    private static bool IsResumable(string path) =>
        path.EndsWith(".part", StringComparison.Ordinal) || path.EndsWith(".part.validator", StringComparison.Ordinal) && File.Exists(path[..^".validator".Length]);

    // Any part of a cache may be missing.
    private static IEnumerable<string> Entries(string cache, string directory) => Directory.Exists(Path.Combine(cache, directory))
        ? Directory.EnumerateFileSystemEntries(Path.Combine(cache, directory), "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None })
        : [];
}
