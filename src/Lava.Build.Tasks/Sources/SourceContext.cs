using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>What a source works with in one restore.</summary>
public sealed record SourceContext
{
    /// <summary>Where archives go.</summary>
    public required ArchiveCache Archives { get; init; }

    /// <summary>A directory of the source's own in the cache, for indexes and the like; exists, private to the user.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>The absolute directory of the project.</summary>
    public required string ProjectDirectory { get; init; }

    /// <summary>The architecture to deploy for, in Debian's words; empty means this machine's.</summary>
    public string Architecture { get; init; } = "";

    /// <summary>No socket may be opened.</summary>
    public bool Offline { get; init; }

    /// <summary>Whether indexes kept from earlier must be renewed first.</summary>
    public bool Refresh { get; init; }

    /// <summary>How long one transfer may take in all.</summary>
    public TimeSpan TransferTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long a transfer may stand still.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often something transient is tried again.</summary>
    public int Retries { get; init; } = 4;

    /// <summary>The first wait before trying again; doubled each time, with some randomness.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The variables and directory that programs and proxies are taken from.</summary>
    public required HostEnvironment Host { get; init; }

    /// <summary>Runs the source's programs.</summary>
    public required ProcessRunner Processes { get; init; }

    /// <summary>Where the work is told about.</summary>
    public required IBuildLog Log { get; init; }
}
