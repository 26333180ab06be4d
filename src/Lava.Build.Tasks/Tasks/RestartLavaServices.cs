using Lava.Build.Services.Systemd;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Restarts services, and returns when they are healthy. What does not run is started.</summary>
[MSBuildMultiThreadableTask]
public sealed class RestartLavaServices : ServicesTask
{
    /// <inheritdoc/>
    protected override async Task ControlAsync(CancellationToken cancellation)
    {
        if (InstanceUnits.Find(Layout) is { } units)
        {
            await units.RestartAsync(Host, Services, Location, cancellation);
        }
        else if (!await Control.RestartAsync(Services, cancellation))
        {
            await Control.StopAsync([], cancellation);
            await StartAsync(cancellation);
            return;
        }

        BuildLog.Say($"Restarted {Subject("all services")} of {Layout.Root}");
    }
}
