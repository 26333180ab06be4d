using System.Security.Cryptography;
using System.Text;
using Lava.Build.Platform;
using Lava.Build.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Releases;

/// <summary>Trees from short texts, and releases from plans, on disk.</summary>
internal static class Trees
{
    /// <summary>
    /// A tree from lines "directory/", "file=content", "file*=content" (executable) and "link->text"; parents are added.
    /// </summary>
    public static ReleaseTree Tree(string component, params string[] lines)
    {
        SortedDictionary<string, TreeEntry> entries = new(StringComparer.Ordinal);
        foreach (string line in lines)
        {
            TreeEntry entry = Entry(line);
            for (int end = entry.Path.IndexOf('/'); end >= 0; end = entry.Path.IndexOf('/', end + 1))
            {
                entries.TryAdd(entry.Path[..end], new TreeEntry(entry.Path[..end], EntryKind.Directory));
            }

            entries[entry.Path] = entry;
        }

        return new ReleaseTree
        {
            Component = component,
            StoreName = component + "-1",
            Manifest = new TreeManifest([.. entries.Values]),
        };
    }

    public static string Sha256(string content) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

    /// <summary>The plan as lines "directory/" and "path -> text".</summary>
    public static string[] Lines(ReleasePlan plan) =>
        [.. plan.Entries.Select(entry => entry.LinkText is null ? entry.Path + "/" : $"{entry.Path} -> {entry.LinkText}")];

    /// <summary>Writes what a plan says, and nothing else.</summary>
    public static void Write(ReleasePlan plan, string release)
    {
        Directory.CreateDirectory(release);
        foreach (PlannedEntry entry in plan.Entries)
        {
            string path = Path.Combine(release, entry.Path);
            if (entry.LinkText is null)
            {
                Directory.CreateDirectory(path);
            }
            else
            {
                Posix.SymbolicLink(entry.LinkText, path);
            }
        }
    }

    private static TreeEntry Entry(string line)
    {
        if (line.Split("->") is [string link, string text])
        {
            return new TreeEntry(link, EntryKind.Link, LinkTarget: text);
        }

        if (line.EndsWith('/'))
        {
            return new TreeEntry(line[..^1], EntryKind.Directory);
        }

        string path = line.Split('=')[0];
        string content = line.Contains('=', StringComparison.Ordinal) ? line[(path.Length + 1)..] : path;
        return new TreeEntry(path.TrimEnd('*'), EntryKind.File, path.EndsWith('*'), content.Length, 0, Sha256(content));
    }
}
