namespace Lava.Build.Components;

/// <summary>Exactly what a component is: an entry of the lock file.</summary>
public sealed record Pin
{
    /// <summary>The component's name.</summary>
    public required string Name { get; init; }

    /// <summary>The name of its source.</summary>
    public required string Source { get; init; }

    /// <summary>The exact version; empty for a component used in place.</summary>
    public string Version { get; init; } = "";

    /// <summary>What kind of machine the content is for, in the source's own words; null if it fits all.</summary>
    public string? Architecture { get; init; }

    /// <summary>The archive's file name, as a person would look for it; null for a component used in place.</summary>
    public string? File { get; init; }

    /// <summary>The archive's size in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>The SHA-256 of the archive, 64 lower-case hexadecimal digits; null for a component used in place.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>A component as asked for, and what it is pinned to.</summary>
/// <param name="Reference">What the project asks for.</param>
/// <param name="Pin">What it is, by the lock file.</param>
public sealed record PinnedComponent(ComponentReference Reference, Pin Pin);
