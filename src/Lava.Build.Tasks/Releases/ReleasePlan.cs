using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>One thing to make in a release, parents before children.</summary>
/// <param name="Path">Relative to the release's root, '/' between names.</param>
/// <param name="LinkText">The text of the symlink to make, or null for a directory.</param>
public sealed record PlannedEntry(string Path, string? LinkText);

/// <summary>A symlink of a component that leads nowhere in the merged view.</summary>
/// <param name="Path">Where it stands in the release.</param>
/// <param name="Target">The path of the release it leads to, without a leading slash; null for a loop.</param>
/// <param name="Component">The component that brought it.</param>
public sealed record DanglingLink(string Path, string? Target, string Component);

/// <summary>Who supplies a path of the merged view.</summary>
/// <param name="Tree">The tree, by its index among those planned.</param>
/// <param name="Entry">What stands there.</param>
public sealed record MergedFile(int Tree, TreeEntry Entry);

/// <summary>What a release consists of before anything is written.</summary>
/// <param name="Entries">What to make, sorted by path in ordinal order.</param>
/// <param name="Dangling">Links that lead nowhere, sorted by path. They are made all the same.</param>
public sealed record ReleasePlan(IReadOnlyList<PlannedEntry> Entries, IReadOnlyList<DanglingLink> Dangling);
