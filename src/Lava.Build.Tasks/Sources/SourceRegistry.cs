namespace Lava.Build.Sources;

/// <summary>Every source there is: one row each.</summary>
public static class SourceRegistry
{
    private static readonly ISource[] All =
    [
        new DebSource(),
        new ArchiveSource(),
        new LocalSource(),
    ];

    /// <summary>The names users may write as <c>Source</c>, in the order they are told to users.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(source => source.Name)];

    /// <summary>The source of this name, without regard to case, or null.</summary>
    public static ISource? Find(string name) =>
        Array.Find(All, source => source.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
