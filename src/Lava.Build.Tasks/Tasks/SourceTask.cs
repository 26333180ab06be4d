using Lava.Build.Cache;
using Lava.Build.Platform;
using Lava.Build.Sources;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>A task of a restore: it may ask sources, and works with the cache.</summary>
public abstract class SourceTask : DescriptionTask
{
    /// <summary>The lock file (<c>LavaLockFile</c>).</summary>
    [Required]
    public string LockFile { get; set; } = "";

    /// <summary>The cache's directory (<c>LavaCacheRoot</c>).</summary>
    [Required]
    public string CacheRoot { get; set; } = "";

    /// <summary>The architecture to deploy for (<c>LavaArchitecture</c>), in Debian's words; this machine's by default.</summary>
    public string Architecture { get; set; } = "";

    /// <summary>Whether no socket may be opened (<c>LavaOffline</c>).</summary>
    public bool Offline { get; set; }

    /// <summary>Whether indexes and pins are renewed (<c>--force-evaluate</c>).</summary>
    public bool Renew { get; set; }

    /// <summary>Seconds that one transfer may take in all (<c>LavaTransferTimeout</c>).</summary>
    public int TransferTimeout { get; set; } = 1800;

    /// <summary>Seconds that a transfer may stand still (<c>LavaIdleTimeout</c>).</summary>
    public int IdleTimeout { get; set; } = 30;

    /// <summary>How often something transient is tried again (<c>LavaRetries</c>).</summary>
    public int Retries { get; set; } = 4;

    /// <summary>The cache's places.</summary>
    protected CacheLayout Cache => new(Absolute(CacheRoot));

    /// <summary>Keeps the cache from being pruned until the build ends.</summary>
    protected Task UseCacheAsync(CancellationToken cancellation) => CacheLease.TakeAsync(BuildEngine, Cache, BuildLog, cancellation);

    /// <summary>What sources work with; makes the cache's directories, and uses it.</summary>
    protected async Task<SourceContexts> MakeContextsAsync(CancellationToken cancellation)
    {
        CacheLayout cache = Cache;
        cache.Create();
        await UseCacheAsync(cancellation);
        HostEnvironment host = Host;
        SourceContext template = new()
        {
            Archives = new ArchiveCache(cache, BuildLog),
            StateDirectory = "",
            ProjectDirectory = TaskEnvironment.ProjectDirectory,
            Architecture = Architecture,
            Offline = Offline,
            Refresh = Renew,
            TransferTimeout = TimeSpan.FromSeconds(TransferTimeout),
            IdleTimeout = TimeSpan.FromSeconds(IdleTimeout),
            Retries = Retries,
            Host = host,
            Processes = new ProcessRunner(host),
            Log = BuildLog,
        };
        return new SourceContexts(template, cache);
    }
}
