namespace Lava.Build.Components;

/// <summary>Metadata whose name is none that is known, and what its author meant by it.</summary>
internal static class MisspelledMetadata
{
    /// <summary>The names that a component gives and nobody knows.</summary>
    internal static IEnumerable<string> Of(ComponentReference reference, string[] known)
    {
        IEnumerable<string> given = reference.Sha256 is null
            ? reference.Metadata.Keys
            : reference.Metadata.Keys.Append(ComponentChecks.Sha256Metadata);
        return given.Where(name => !known.Contains(name, StringComparer.OrdinalIgnoreCase));
    }

    /// <summary>The component with the source that a misspelled name gives it, if it has none.</summary>
    internal static ComponentReference WithSource(ComponentReference reference) =>
        reference.Source.Length > 0 ? reference : Corrected(reference, ["Source", "Version", ComponentChecks.Sha256Metadata]);

    /// <summary>The component with each misspelled value also under the name that was meant, unless that has its own.</summary>
    internal static ComponentReference Corrected(ComponentReference reference, string[] known)
    {
        Dictionary<string, string> metadata = new(reference.Metadata, StringComparer.OrdinalIgnoreCase);
        ComponentReference corrected = reference;
        foreach ((string name, string value) in reference.Metadata)
        {
            string? meant = known.Contains(name, StringComparer.OrdinalIgnoreCase) ? null : NearestName.Among(known, name);
            switch (meant)
            {
                case null:
                    break;
                case "Source" when corrected.Source.Length == 0:
                    corrected = corrected with { Source = value };
                    break;
                case "Version" when corrected.Version.Length == 0:
                    corrected = corrected with { Version = value };
                    break;
                default:
                    metadata.TryAdd(meant, value);
                    break;
            }
        }

        return corrected with { Metadata = metadata };
    }
}
