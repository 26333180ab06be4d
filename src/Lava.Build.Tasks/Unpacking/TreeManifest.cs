namespace Lava.Build.Unpacking;

/// <summary>All that stands in a tree, sorted by path in ordinal order; every directory has an entry before its children.</summary>
public sealed partial class TreeManifest(IReadOnlyList<TreeEntry> entries)
{
    /// <summary>The entries, sorted by <see cref="TreeEntry.Path"/>, ordinal.</summary>
    public IReadOnlyList<TreeEntry> Entries { get; } = entries;
}
