using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Lets systemd run the active release of an instance, now and whenever the host starts.</summary>
[MSBuildMultiThreadableTask]
public sealed class InstallLavaServices : UnitTask
{
    /// <summary>Whether the instance is started, or restarted where it runs another release (<c>LavaStartServices</c>).</summary>
    public bool Start { get; set; } = true;

    /// <inheritdoc/>
    protected override System.Threading.Tasks.Task RunAsync(CancellationToken cancellation) => Installation.InstallAsync(Start, cancellation);
}
