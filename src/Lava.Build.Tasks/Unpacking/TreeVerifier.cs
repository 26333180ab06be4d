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
        using OpenedDirectory? tree = OpenedDirectory.TryOpen(root);
        if (tree is null)
        {
            return "it is no directory";
        }

        foreach (TreeEntry entry in manifest.Entries)
        {
            if (Difference(tree, entry) is { } difference)
            {
                return difference;
            }
        }

        return null;
    }

    /// <summary>As <see cref="FindDifference"/>; also notices what stands there beyond the manifest.</summary>
    /// <inheritdoc cref="FindDifference" path="/returns"/>
    public static string? FindDifferenceInEntries(string root, TreeManifest manifest, CancellationToken cancellation) =>
        FindDifference(root, manifest)
        ?? FindUnknown(root, manifest.Entries.Select(entry => entry.Path).ToHashSet(StringComparer.Ordinal), cancellation);

    /// <summary>As <see cref="FindDifference"/>, and reads every file; also notices what stands there beyond the manifest.</summary>
    /// <param name="root">The tree's absolute directory.</param>
    /// <param name="manifest">What should stand there.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="twin">A tree that has just been read; files that are the same in both are not read again.</param>
    /// <returns>The first difference, in words, or null.</returns>
    public static string? FindDifferenceInContent(
        string root, TreeManifest manifest, CancellationToken cancellation, string? twin = null)
    {
        if (FindDifference(root, manifest) is { } difference)
        {
            return difference;
        }

        HashSet<string> known = new(manifest.Entries.Count, StringComparer.Ordinal);
        foreach (TreeEntry entry in manifest.Entries)
        {
            known.Add(entry.Path);

            if (entry.Kind == EntryKind.File
                && !IsShared(root, twin, entry)
                && Hashing.OfFile($"{root}/{entry.Path}", cancellation) != entry.Sha256)
            {
                return $"the content of '{entry.Path}' was changed";
            }
        }

        return FindUnknown(root, known, cancellation);
    }

    private static bool IsShared(string root, string? twin, TreeEntry entry) =>
        twin is not null
        && FileStatus.Of($"{root}/{entry.Path}") is { } one && FileStatus.Of($"{twin}/{entry.Path}") is { } other && one.IsSameFile(other);

    /// <summary>As <see cref="FindDifference"/>, of one entry.</summary>
    internal static string? Difference(OpenedDirectory tree, TreeEntry entry)
    {
        if (tree.Status(entry.Path) is not { } found)
        {
            return $"'{entry.Path}' is missing";
        }

        FileKind kind = entry.Kind switch
        {
            EntryKind.Directory => FileKind.Directory,
            EntryKind.Link => FileKind.Link,
            _ => FileKind.File,
        };
        if (found.Kind != kind)
        {
            return $"'{entry.Path}' is a {Name(found.Kind)} and should be a {Name(kind)}";
        }

        if (kind == FileKind.Link)
        {
            string? target = tree.LinkText(entry.Path);
            return target == entry.LinkTarget ? null : $"'{entry.Path}' leads to '{target}' instead of '{entry.LinkTarget}'";
        }

        UnixFileMode mode = kind == FileKind.Directory ? TreeModes.Directory
            : entry.Executable ? TreeModes.Program
            : TreeModes.File;
        // A cache that an admin made read-only as a whole is not damaged.
        UnixFileMode allowed = kind == FileKind.Directory ? UnixFileMode.UserWrite : UnixFileMode.None;
        if ((found.Mode | allowed) != mode)
        {
            return $"'{entry.Path}' has the mode {Octal(found.Mode)} instead of {Octal(mode)}";
        }

        if (kind == FileKind.Directory)
        {
            return null;
        }

        if (found.Size != entry.Size)
        {
            return string.Create(CultureInfo.InvariantCulture, $"'{entry.Path}' has {found.Size} bytes instead of {entry.Size}");
        }

        return found.ModifiedSeconds == entry.ModifiedSeconds && found.ModifiedNanoseconds == 0 ? null : $"'{entry.Path}' was written since";
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

    private static string Name(FileKind kind) => kind switch
    {
        FileKind.Directory => "directory",
        FileKind.Link => "symbolic link",
        FileKind.File => "file",
        FileKind.Fifo => "FIFO",
        FileKind.Socket => "socket",
        _ => "device",
    };

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);
}
