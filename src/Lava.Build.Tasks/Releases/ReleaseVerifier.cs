using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>Compares a release on disk with its record, and that with what the release should be.</summary>
public static class ReleaseVerifier
{
    /// <summary>Looks at everything in a release itself; the trees that its links lead to are the store's matter.</summary>
    /// <param name="release">Its directory.</param>
    /// <param name="description">What it should be.</param>
    /// <param name="contents">What should be in it.</param>
    /// <param name="unknown">Whether to notice also what does not belong there.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The first difference, in words, or null.</returns>
    public static string? FindDifference(
        string release, ReleaseDescription description, ReleaseContents contents, bool unknown, CancellationToken cancellation)
    {
        if (new DirectoryInfo(release) is not { Exists: true, LinkTarget: null })
        {
            return "it is no directory";
        }

        try
        {
            if (FindDamagedRecord(release) is { } damaged)
            {
                return damaged;
            }

            string record = File.ReadAllText(Path.Combine(release, ReleaseRecord.FileName));
            ReleaseInventory inventory = ReleaseInventory.Read(record);
            if (record != ReleaseRecord.ToJson(description, contents, inventory))
            {
                return $"'{ReleaseRecord.FileName}' was changed";
            }

            if (File.ReadAllText(Path.Combine(release, ReleaseRecord.ManifestName)) != ReleaseRecord.ToManifest(description))
            {
                return $"'{ReleaseRecord.ManifestName}' was changed";
            }

            return FindDifferentLink(release, contents, inventory)
                ?? FindDifferentFile(release, inventory, cancellation)
                ?? FindDifferentDirectory(release, description, contents)
                ?? (unknown ? FindUnknown(release, contents, inventory) : null);
        }
        catch (FormatException failure)
        {
            return $"'{ReleaseRecord.FileName}' is damaged: {failure.Message}";
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            // As much damage as any other; most often the disk can no longer read a block.
            return $"it cannot be read ({failure.Message.TrimEnd('.')})";
        }
    }

    private static string? FindDamagedRecord(string release)
    {
        foreach (string name in ReleaseInventory.Records)
        {
            FileInfo record = new(Path.Combine(release, name));
            if (!record.Exists)
            {
                return $"'{name}' is missing";
            }

            // A FIFO, which has no length, would never open.
            if (record.LinkTarget is not null || record.Length == 0)
            {
                return $"'{name}' is no file, or empty";
            }

            if (record.UnixFileMode != TreeModes.File)
            {
                return $"'{name}' has the mode {ReleaseInventory.Octal(record.UnixFileMode)}";
            }
        }

        return null;
    }

    private static string? FindDifferentLink(string release, ReleaseContents contents, ReleaseInventory inventory)
    {
        foreach ((string path, string text) in inventory.Links.Concat(OwnLinks(contents)))
        {
            string? found = new FileInfo($"{release}/{path}").LinkTarget;
            if (found != text)
            {
                return found is null ? $"the link '{path}' is missing" : $"'{path}' leads to '{found}' instead of '{text}'";
            }
        }

        return null;
    }

    // Those of this machine, which its record leaves out.
    private static IEnumerable<KeyValuePair<string, string>> OwnLinks(ReleaseContents contents) =>
        contents.Plan.Entries.Select(entry => (entry.Path, entry.LinkText))
            .Concat(contents.Generated.Select(file => (file.Path, file.LinkText)))
            .Where(link => link.LinkText?.StartsWith('/') == true)
            .Select(link => KeyValuePair.Create(link.Path, link.LinkText!));

    private static string? FindDifferentFile(string release, ReleaseInventory inventory, CancellationToken cancellation)
    {
        foreach ((string path, string sha256) in inventory.Files)
        {
            FileInfo file = new($"{release}/{path}");
            if (!file.Exists || file.LinkTarget is not null)
            {
                return $"the file '{path}' is missing";
            }

            string mode = ReleaseInventory.Octal(file.UnixFileMode);
            if (mode != inventory.Modes.GetValueOrDefault(path, ReleaseInventory.Octal(TreeModes.File)))
            {
                return $"'{path}' has the mode {mode}";
            }

            if (ReleaseInventory.Digest(file, cancellation) != sha256)
            {
                return $"the content of '{path}' was changed";
            }
        }

        return null;
    }

    // A command may have meant another mode for a directory, or none of it.
    private static string? FindDifferentDirectory(string release, ReleaseDescription description, ReleaseContents contents)
    {
        if (description.Parts.Commands.Count > 0)
        {
            return null;
        }

        foreach (string path in contents.Plan.Entries.Where(entry => entry.LinkText is null).Select(entry => entry.Path).Append(""))
        {
            DirectoryInfo directory = new($"{release}/{path}");
            if (directory is not { Exists: true, LinkTarget: null })
            {
                return $"the directory '{path}' is missing";
            }

            // Read-only as a whole is not damaged.
            if ((directory.UnixFileMode | UnixFileMode.UserWrite) != TreeModes.Directory)
            {
                return $"the directory '{(path.Length == 0 ? "." : path)}' has the mode {ReleaseInventory.Octal(directory.UnixFileMode)}";
            }
        }

        return null;
    }

    private static string? FindUnknown(string release, ReleaseContents contents, ReleaseInventory inventory)
    {
        HashSet<string> known = [.. inventory.Files.Keys, .. inventory.Links.Keys, .. OwnLinks(contents).Select(link => link.Key), .. ReleaseInventory.Records];
        return ReleaseInventory.Walk(release)
            // Absolute links that a command made are nowhere recorded.
            .Where(entry => entry.LinkTarget?.StartsWith('/') != true)
            .Select(entry => Path.GetRelativePath(release, entry.FullName))
            .Where(path => !known.Contains(path))
            .Select(path => $"'{path}' does not belong there")
            .FirstOrDefault();
    }
}
