using Lava.Build.Diagnostics;
using Lava.Build.Unpacking;

namespace Lava.Build.Releases;

/// <summary>One tree that goes into a release.</summary>
public sealed record ReleaseTree
{
    /// <summary>The component it is.</summary>
    public required string Component { get; init; }

    /// <summary>The name of its directory in <c>code/.store</c>.</summary>
    public required string StoreName { get; init; }

    /// <summary>What stands in it.</summary>
    public required TreeManifest Manifest { get; init; }

    /// <summary>The components whose files this one's replace where both supply a path.</summary>
    public IReadOnlySet<string> Overrides { get; init; } = new HashSet<string>();

    /// <summary>Paths of this tree that the release leaves out, with all below them.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>Where the component was asked for.</summary>
    public SourceLocation Location { get; init; }
}

/// <summary>A directory outside the instance that stands in a release as one link.</summary>
/// <param name="Component">The component it is.</param>
/// <param name="Path">Where in the release it stands.</param>
/// <param name="Directory">The absolute directory it leads to.</param>
/// <param name="Location">Where the component was asked for.</param>
public sealed record LocalTree(string Component, string Path, string Directory, SourceLocation Location)
{
    /// <summary>The components whose files at or below <see cref="Path"/> this tree replaces.</summary>
    public IReadOnlySet<string> Overrides { get; init; } = new HashSet<string>();
}
