using Lava.Build.Services.Systemd;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Stops an instance's services, whoever runs them, and returns when they have ended.</summary>
[MSBuildMultiThreadableTask]
public sealed class StopLavaServices : ServicesTask
{
    /// <inheritdoc/>
    protected override async Task ControlAsync(CancellationToken cancellation)
    {
        if (InstanceUnits.Find(Layout) is { } units)
        {
            await units.StopAsync(Host, Services, Location, cancellation);
        }
        else if (!await Control.StopAsync(Services, cancellation))
        {
            BuildLog.Say($"No services of {Layout.Root} are running");
            return;
        }

        BuildLog.Say($"Stopped {Subject("the services")} of {Layout.Root}");
    }
}
