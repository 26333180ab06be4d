namespace Lava.Build.Components;

/// <summary>Lists in metadata, as MSBuild writes them: separated by semicolons, blanks around entries ignored.</summary>
public static class MetadataList
{
    /// <summary>The entries of <paramref name="value"/>, without empty ones.</summary>
    public static string[] Split(string value) => value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
