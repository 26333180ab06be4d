using System.Globalization;
using Lava.Build.Platform;

namespace Lava.Build.Unpacking;

/// <summary>Compares a tree on disk with its manifest.</summary>
public static class TreeVerifier
{
    /// <summary>
    /// Looks at every entry without reading any content: kind, mode, for files size and modification time, for links their text.
    /// What stands there beyond the manifest is not noticed.
    /// </summary>
    /// <param name="root">The tree's absolute directory.</param>
    /// <param name="manifest">What should stand there.</param>
    /// <returns>The first difference, in words, or null.</returns>
    public static string? FindDifference(string root, TreeManifest manifest)
    {
        foreach (TreeEntry entry in manifest.Entries)
        {
            if (Difference(root, entry) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    /// <summary>As <see cref="FindDifference"/>, and reads every file; also notices what stands there beyond the manifest.</summary>
    /// <param name="root">The tree's absolute directory.</param>
    /// <param name="manifest">What should stand there.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The first difference, in words, or null.</returns>
    public static async Task<string?> FindDifferenceInContentAsync(
        string root, TreeManifest manifest, CancellationToken cancellation)
    {
        if (FindDifference(root, manifest) is { } difference)
        {
            return difference;
        }

        HashSet<string> known = new(manifest.Entries.Count, StringComparer.Ordinal);
        foreach (TreeEntry entry in manifest.Entries)
        {
            known.Add(entry.Path);

            // Nothing is opened for no content: a FIFO, which has size 0 too, would never open.
            if (entry is { Kind: EntryKind.File, Size: > 0 }
                && await Hashing.OfFileAsync($"{root}/{entry.Path}", cancellation) != entry.Sha256)
            {
                return $"the content of '{entry.Path}' was changed";
            }
        }

        return FindUnknown(root, known, cancellation);
    }

    private static string? Difference(string root, TreeEntry entry)
    {
        FileInfo found = new($"{root}/{entry.Path}");
        FileAttributes attributes = found.Attributes;
        if ((int)attributes == -1)
        {
            return $"'{entry.Path}' is missing";
        }

        EntryKind kind = (attributes & FileAttributes.ReparsePoint) != 0 ? EntryKind.Link
            : (attributes & FileAttributes.Directory) != 0 ? EntryKind.Directory
            : EntryKind.File;
        if (kind != entry.Kind)
        {
            return $"'{entry.Path}' is a {Name(kind)} and should be a {Name(entry.Kind)}";
        }

        if (kind == EntryKind.Link)
        {
            return found.LinkTarget == entry.LinkTarget ? null : $"'{entry.Path}' leads to '{found.LinkTarget}' instead of '{entry.LinkTarget}'";
        }

        UnixFileMode mode = kind == EntryKind.Directory ? TreeModes.Directory
            : entry.Executable ? TreeModes.Program
            : TreeModes.File;
        // A cache that an admin made read-only as a whole is not damaged.
        UnixFileMode allowed = kind == EntryKind.Directory ? UnixFileMode.UserWrite : UnixFileMode.None;
        if ((found.UnixFileMode | allowed) != mode)
        {
            return $"'{entry.Path}' has the mode {Octal(found.UnixFileMode)} instead of {Octal(mode)}";
        }

        if (kind == EntryKind.Directory)
        {
            return null;
        }

        if (found.Length != entry.Size)
        {
            return string.Create(CultureInfo.InvariantCulture, $"'{entry.Path}' has {found.Length} bytes instead of {entry.Size}");
        }

        return found.LastWriteTimeUtc == DateTimeOffset.FromUnixTimeSeconds(entry.ModifiedSeconds).UtcDateTime
            ? null
            : $"'{entry.Path}' was written since";
    }

    /// <summary>Walks without following links.</summary>
    private static string? FindUnknown(string root, HashSet<string> known, CancellationToken cancellation)
    {
        Stack<string> directories = new([""]);
        while (directories.TryPop(out string? directory))
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (FileSystemInfo found in new DirectoryInfo($"{root}/{directory}").EnumerateFileSystemInfos())
            {
                string path = directory.Length == 0 ? found.Name : $"{directory}/{found.Name}";
                if (path == TreeManifest.FileName)
                {
                    // Where a tree stands in a store, its manifest stands in it.
                    continue;
                }

                if (!known.Contains(path))
                {
                    return $"'{path}' does not belong there";
                }

                if ((found.Attributes & (FileAttributes.Directory | FileAttributes.ReparsePoint)) == FileAttributes.Directory)
                {
                    directories.Push(path);
                }
            }
        }

        return null;
    }

    private static string Name(EntryKind kind) => kind switch
    {
        EntryKind.Directory => "directory",
        EntryKind.Link => "symbolic link",
        _ => "file",
    };

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);
}
