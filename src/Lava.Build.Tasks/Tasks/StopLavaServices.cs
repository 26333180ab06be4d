using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Stops an instance's services, however they were started here, and returns when they have ended.</summary>
[MSBuildMultiThreadableTask]
public sealed class StopLavaServices : ServicesTask
{
    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation) =>
        BuildLog.Say(await Control.StopAsync(cancellation) ? $"Stopped the services of {Layout.Root}" : $"No services of {Layout.Root} are running");
}
