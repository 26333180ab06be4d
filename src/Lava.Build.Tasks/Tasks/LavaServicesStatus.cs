using System.Globalization;
using Lava.Build.Instances;
using Lava.Build.Services.Supervision;
using Lava.Build.Services.Systemd;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Lava.Build.Tasks;

/// <summary>Tells what runs in an instance: a table for people, and items for programs.</summary>
[MSBuildMultiThreadableTask]
public sealed class LavaServicesStatus : LavaTask
{
    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>One item for each service, named like it, with metadata State, Health, Pid, Restarts, Since, Reason, and Log unless the journal has that.</summary>
    [Output]
    public ITaskItem[] Services { get; private set; } = [];

    /// <inheritdoc/>
    protected override System.Threading.Tasks.Task RunAsync(CancellationToken cancellation)
    {
        InstanceLayout layout = new(Absolute(InstanceRoot));
        if (StatusReport.OfRunning(layout) is { } running)
        {
            Tell(layout, running);
        }
        else if (InstanceUnits.Find(layout) is { } units)
        {
            return TellAsync(layout, units, cancellation);
        }
        else
        {
            Tell(layout, StatusReport.OfOthers(layout));
        }

        return System.Threading.Tasks.Task.CompletedTask;
    }

    private async System.Threading.Tasks.Task TellAsync(InstanceLayout layout, InstanceUnits units, CancellationToken cancellation) =>
        Tell(layout, await units.StatusAsync(Host, cancellation));

    private void Tell(InstanceLayout layout, StatusReport report)
    {
        Services = [.. report.Services.Select(service => Item(layout, service))];
        BuildLog.Say($"{layout.Root}: {report.Summary}");
        if (Services.Length > 0)
        {
            foreach (string line in report.Table())
            {
                BuildLog.Say(line);
            }
        }
    }

    private static TaskItem Item(InstanceLayout layout, ServiceReport service)
    {
        TaskItem item = new(service.Name);
        item.SetMetadata("State", service.State);
        item.SetMetadata("Health", service.IsHealthy ? "healthy" : "unhealthy");
        item.SetMetadata("Pid", service.Process == 0 ? "" : service.Process.ToString(CultureInfo.InvariantCulture));
        item.SetMetadata("Restarts", service.Restarts.ToString(CultureInfo.InvariantCulture));
        item.SetMetadata("Since", service.Since);
        item.SetMetadata("Reason", service.Reason);
        item.SetMetadata("Log", service.Log ?? RunContext.LogOf(layout, service.Name));
        return item;
    }
}
