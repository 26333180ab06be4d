using Lava.Build.Services.Supervision;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Restarts services, and returns when they are healthy. What does not run is started.</summary>
[MSBuildMultiThreadableTask]
public sealed class RestartLavaServices : ServicesTask
{
    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        SupervisorControl control = Control;
        InstanceState? running = control.Running;
        if (running is not null && (Services.Length > 0 || !running.Detached))
        {
            // Others go on, or a terminal shows them.
            await control.RestartAsync(running, Services, cancellation);
            BuildLog.Say($"Restarted {(Services.Length > 0 ? string.Join(", ", Services) : "all services")} of {Layout.Root}");
            return;
        }

        await control.StopAsync(cancellation);
        await StartAsync(cancellation);
    }
}
