using Lava.Build.Components;
using Lava.Build.Sources;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Brings the lock file up to date with the description; in locked mode, checks that it is.</summary>
[MSBuildMultiThreadableTask]
public sealed class ResolveLavaComponents : SourceTask
{
    /// <summary>Whether the lock file may not change (<c>LavaLockedMode</c>).</summary>
    public bool LockedMode { get; set; }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        LockMode mode = LockedMode ? LockMode.Locked : Renew ? LockMode.Renew : LockMode.Update;
        await ComponentResolver.ResolveAsync(
            ReadDescription().References, Absolute(LockFile), mode, await MakeContextsAsync(cancellation), cancellation);
    }
}
