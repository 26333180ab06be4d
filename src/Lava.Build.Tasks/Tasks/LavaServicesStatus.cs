using System.Globalization;
using Lava.Build.Instances;
using Lava.Build.Services.Supervision;
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

    /// <summary>One item for each service, named like it, with metadata State, Health, Pid, Restarts, Since, Reason and Log.</summary>
    [Output]
    public ITaskItem[] Services { get; private set; } = [];

    /// <inheritdoc/>
    protected override System.Threading.Tasks.Task RunAsync(CancellationToken cancellation)
    {
        InstanceLayout layout = new(Absolute(InstanceRoot));
        StatusReport report = StatusReport.Of(layout);
        Services = [.. report.Services.Select(service => Item(layout, service))];
        BuildLog.Say($"{layout.Root}: {report.Summary}");
        if (Services.Length > 0)
        {
            foreach (string line in report.Table())
            {
                BuildLog.Say(line);
            }
        }

        return System.Threading.Tasks.Task.CompletedTask;
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
        item.SetMetadata("Log", RunContext.LogOf(layout, service.Name));
        return item;
    }
}
