using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Starts an instance's services in the background, and returns when all are healthy.</summary>
[MSBuildMultiThreadableTask]
public sealed class StartLavaServices : ServicesTask
{
    /// <inheritdoc/>
    protected override Task ControlAsync(CancellationToken cancellation) => StartAsync(cancellation);
}
