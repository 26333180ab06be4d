using Lava.Build.Diagnostics;

namespace Lava.Build.Sources;

/// <summary>An archive to get into the cache.</summary>
/// <param name="Component">The component it is.</param>
/// <param name="Location">Where the component was asked for.</param>
/// <param name="Urls">Where it can be had, tried in this order: http, https or file, without user information.</param>
internal sealed record DownloadRequest(string Component, SourceLocation Location, IReadOnlyList<Uri> Urls)
{
    /// <summary>The absolute path of a file that it is instead; null if there are <see cref="Urls"/>.</summary>
    public string? Path { get; init; }

    /// <summary>The digest it must have, or null to take what comes.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The bytes it must have, or null if nobody knows.</summary>
    public long? Size { get; init; }

    /// <summary>Who says what it must be, for messages.</summary>
    public string Authority { get; init; } = "the lock file";

    /// <summary>A problem of this component.</summary>
    internal Problem Error(string resource, params object?[] arguments) =>
        Problem.Error(resource, Location, [Component, .. arguments]);
}

/// <summary>An archive that is in the cache.</summary>
internal sealed record ObtainedArchive(string Sha256, long Size);

/// <summary>One try at one address did not succeed.</summary>
internal sealed class DownloadFailure(Problem problem, bool transient = false, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(problem.Text, inner)
{
    /// <summary>What to tell if no other try succeeds.</summary>
    internal Problem Problem { get; } = problem;

    /// <summary>Whether the same may succeed later.</summary>
    internal bool Transient { get; } = transient;

    /// <summary>How long the server asks to wait, or null.</summary>
    internal TimeSpan? RetryAfter { get; } = retryAfter;
}
