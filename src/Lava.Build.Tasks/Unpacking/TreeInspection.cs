using Lava.Build.Diagnostics;

namespace Lava.Build.Unpacking;

/// <summary>How closely a standing tree is looked at.</summary>
public enum InspectionDepth
{
    /// <summary>Its manifest only, which knows its own digest.</summary>
    Manifest,

    /// <summary>Also kind, mode, size and time of everything in it, and what does not belong there, but no content.</summary>
    Entries,

    /// <summary>Also every byte.</summary>
    Content,
}

/// <summary>A standing tree as it was found. Whatever is wrong with it is a difference, so that it can be made anew.</summary>
/// <param name="Manifest">What should stand in it, if that could be read.</param>
/// <param name="Difference">What is wrong, in words, or null.</param>
public sealed record TreeInspection(TreeManifest? Manifest, string? Difference)
{
    /// <summary>Looks at a tree.</summary>
    /// <param name="root">Its directory.</param>
    /// <param name="manifestPath">Its manifest.</param>
    /// <param name="depth">How closely.</param>
    /// <param name="twin">A tree that was looked at in every byte; files that are the same in both are not read again. Null for none.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static TreeInspection Inspect(
        string root, string manifestPath, InspectionDepth depth, string? twin, CancellationToken cancellation)
    {
        TreeInspection found = ReadManifest(root, manifestPath);
        if (found.Manifest is not { } manifest || depth == InspectionDepth.Manifest)
        {
            return found;
        }

        try
        {
            return found with
            {
                Difference = depth == InspectionDepth.Entries
                    ? TreeVerifier.FindDifferenceInEntries(root, manifest, cancellation)
                    : TreeVerifier.FindDifferenceInContent(root, manifest, cancellation, twin),
            };
        }
        catch (Exception failure) when (FileSystemProblem.IsDamage(failure))
        {
            return found with { Difference = Unreadable(failure) };
        }
    }

    /// <summary>Reads a tree's manifest, and looks at nothing else.</summary>
    public static TreeInspection ReadManifest(string root, string manifestPath)
    {
        try
        {
            return new FileInfo(root).LinkTarget is not null || new FileInfo(manifestPath).LinkTarget is not null
                ? new TreeInspection(null, "a link stands in its place")
                : new TreeInspection(TreeManifest.Read(manifestPath), null);
        }
        catch (LavaException)
        {
            return new TreeInspection(null, "its manifest is damaged");
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return new TreeInspection(null, "its manifest is missing");
        }
        catch (Exception failure) when (FileSystemProblem.IsDamage(failure))
        {
            return new TreeInspection(null, Unreadable(failure));
        }
    }

    // As much damage as any other; most often the disk can no longer read a block.
    private static string Unreadable(Exception failure) => $"it cannot be read ({failure.Message.TrimEnd('.')})";
}
