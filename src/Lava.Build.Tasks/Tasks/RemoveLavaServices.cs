using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Stops what systemd runs of an instance and removes its units. Data, configuration and the user stay.</summary>
[MSBuildMultiThreadableTask]
public sealed class RemoveLavaServices : UnitTask
{
    /// <inheritdoc/>
    protected override System.Threading.Tasks.Task RunAsync(CancellationToken cancellation) => Installation.RemoveAsync(cancellation);
}
