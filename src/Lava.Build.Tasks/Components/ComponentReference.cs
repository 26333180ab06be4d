using Lava.Build.Diagnostics;

namespace Lava.Build.Components;

/// <summary>What a project asks for: one <c>LavaComponent</c> item.</summary>
public sealed record ComponentReference
{
    /// <summary>The component's name, unique in the instance.</summary>
    public required string Name { get; init; }

    /// <summary>The name of its source, for example <c>deb</c>; empty if the item gives none.</summary>
    public required string Source { get; init; }

    /// <summary>The exact version; empty if the item gives none.</summary>
    public string Version { get; init; } = "";

    /// <summary>The expected SHA-256 of its archive, 64 lower-case hexadecimal digits, or null.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The item's other custom metadata, by name without regard to case.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the item is written.</summary>
    public SourceLocation Location { get; init; }

    /// <summary>A metadata value, or an empty string.</summary>
    public string this[string metadata] => Metadata.GetValueOrDefault(metadata, "");
}
