using Lava.Build.Cache;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Unpacking;

namespace Lava.Build.Tasks;

/// <summary>A task that works with unpacked components.</summary>
public abstract class TreeTask : SourceTask
{
    private static readonly UnpackLimits DefaultLimits = new();

    /// <summary>The host's Python (<c>LavaPython</c>): a path, or a name to look for in PATH.</summary>
    public string Python { get; set; } = "";

    /// <summary>How many entries one archive may have (<c>LavaMaxEntries</c>).</summary>
    public long MaxEntries { get; set; } = DefaultLimits.Entries;

    /// <summary>How many bytes one archive may unpack to (<c>LavaMaxUnpackedBytes</c>).</summary>
    public long MaxUnpackedBytes { get; set; } = DefaultLimits.Bytes;

    /// <summary>How many times larger than itself an archive may unpack to (<c>LavaMaxRatio</c>).</summary>
    public long MaxRatio { get; set; } = DefaultLimits.Ratio;

    /// <summary>The host's Python, or null if it has none.</summary>
    private protected async Task<PythonInterpreter?> FindPythonAsync(CancellationToken cancellation)
    {
        HostEnvironment host = Host;
        return Python.Length == 0 ? null : await PythonInterpreter.FindAsync(Python, new ProcessRunner(host), host, cancellation);
    }

    /// <summary>The cache's trees.</summary>
    private protected async Task<TreeCache> MakeTreesAsync(CancellationToken cancellation) =>
        MakeTrees(await FindPythonAsync(cancellation));

    /// <summary>The cache's trees, compiled for <paramref name="python"/>.</summary>
    private protected TreeCache MakeTrees(PythonInterpreter? python) => new(
        Cache,
        new ArchiveCache(Cache, BuildLog),
        python,
        new UnpackLimits(MaxEntries, MaxUnpackedBytes, MaxRatio),
        new ProcessRunner(Host),
        BuildLog);
}
