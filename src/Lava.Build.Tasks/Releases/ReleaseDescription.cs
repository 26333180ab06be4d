using Lava.Build.Components;
using Lava.Build.Python;

namespace Lava.Build.Releases;

/// <summary>All that decides what a release is.</summary>
public sealed record ReleaseDescription
{
    /// <summary>The instance's name.</summary>
    public required string Instance { get; init; }

    /// <summary>The first part of the release's name.</summary>
    public required string Revision { get; init; }

    /// <summary>The profile, for example <c>Release</c>.</summary>
    public required string Configuration { get; init; }

    /// <summary>The components, in the project's order.</summary>
    public required IReadOnlyList<ReleaseComponent> Components { get; init; }

    /// <summary>Everything besides components.</summary>
    public required InstanceParts Parts { get; init; }

    /// <summary>The host's Python, or null if it has none.</summary>
    public PythonInterpreter? Python { get; init; }

    /// <summary>Where Python was looked for.</summary>
    public string PythonSetting { get; init; } = "";
}

/// <summary>A component of a release.</summary>
/// <param name="Pinned">What was asked for and what it is.</param>
/// <param name="TreeDigest">The digest of its tree; null for one that is used in place.</param>
/// <param name="LocalDirectory">The absolute directory of one that is used in place, or developed beside its tree; else null.</param>
/// <param name="LocalPath">Where in the release that directory stands; else null.</param>
public sealed record ReleaseComponent(PinnedComponent Pinned, string? TreeDigest, string? LocalDirectory, string? LocalPath)
{
    /// <summary>The component's name.</summary>
    public string Name => Pinned.Pin.Name;

    /// <summary>Its directory as it was written; empty without one. It decides the release's name, so that it is the same on every machine.</summary>
    public string LocalText { get; init; } = "";

    /// <summary>Whether it has a tree, and a directory whose Python modules come first.</summary>
    public bool IsDeveloped => TreeDigest is not null && LocalDirectory is not null;

    /// <summary>The directories, relative to its own, that Python imports from; "" is its own.</summary>
    public IReadOnlyList<string> PythonPath { get; init; } = [];

    /// <summary>Its directory in the store; null for one that is used in place.</summary>
    public string? StoreName => TreeDigest is null ? null : StoreTree.Name(Pinned.Pin, TreeDigest);
}
