namespace Lava.Build.Services.Supervision;

/// <summary>What a supervisor is to do.</summary>
/// <param name="Instance">The instance's absolute directory.</param>
internal sealed record SupervisorOptions(string Instance)
{
    /// <summary>The services to run with what they wait for; all if empty.</summary>
    internal IReadOnlyList<string> Services { get; init; } = [];

    /// <summary>The project that messages are about, or null.</summary>
    internal string? Project { get; init; }

    /// <summary>Whether it was started by <c>-t:Start</c>: it has no terminal, and the lines of services go to their logs only.</summary>
    internal bool Detached { get; init; }

    /// <summary>Whether all stops when the process that started this one ends.</summary>
    internal bool WithParent { get; init; }

    /// <summary>An open descriptor that the start is reported to; 0 for none.</summary>
    internal int Report { get; init; }
}
