using Lava.Build.Diagnostics;

namespace Lava.Build.Unpacking;

/// <summary>All that stands in a tree, sorted by path in ordinal order; every directory has an entry before its children.</summary>
public sealed partial class TreeManifest(IReadOnlyList<TreeEntry> entries)
{
    /// <summary>Its name where it stands in the tree's own root; no archive may bring a file of this name there.</summary>
    public const string FileName = ".lava-manifest";

    /// <summary>The entries, sorted by <see cref="TreeEntry.Path"/>, ordinal.</summary>
    public IReadOnlyList<TreeEntry> Entries { get; } = entries;

    /// <summary>Writes the manifest, read-only, as a new file of a staged directory. It is not synced: the caller syncs what it staged.</summary>
    /// <exception cref="IOException">It exists, or cannot be written.</exception>
    public void Write(string path)
    {
        FileStreamOptions options = new()
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 0,
            UnixCreateMode = TreeModes.File,
        };
        using FileStream stream = new(path, options);
        File.SetUnixFileMode(stream.SafeFileHandle, TreeModes.File);
        stream.Write(ManifestText.Write(Entries));
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="LavaException">It is truncated, was edited, or is of another version (LAVA3020).</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static TreeManifest Read(string path)
    {
        try
        {
            // A FIFO, which has no length, would never open.
            return new TreeManifest(ManifestText.Read(new FileInfo(path).Length == 0 ? [] : File.ReadAllBytes(path)));
        }
        catch (FormatException failure)
        {
            throw Problem.Error(Strings.ManifestDamaged, SourceLocation.None, path, failure.Message).ToException(failure);
        }
    }
}
