using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Services;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Turns the MSBuild items of what runs into what the rest of the code knows.</summary>
internal sealed class ServiceItemReader(MetadataReader metadata)
{
    private const string ServiceItem = "LavaService";
    private const string StepItem = "LavaStep";
    private const string CheckItem = "LavaCheck";
    private const int LongestTime = 86_400;
    private const int LastStatus = 599;
    private static readonly ServiceDescription DefaultService = new() { Name = "", Command = "" };
    private static readonly StepDescription DefaultStep = new() { Name = "", Command = "" };
    private static readonly CheckDescription DefaultCheck = new() { Name = "" };
    private static readonly HealthCheck DefaultHealth = new();

    internal ServicePart Service(ITaskItem item)
    {
        SourceLocation location = metadata.Check(
            ServiceItem,
            item,
            "Command",
            "Arguments",
            "Environment",
            "WorkingDirectory",
            "User",
            "After",
            "Restart",
            "RestartDelay",
            "RestartLimit",
            "OnFailure",
            "StopSignal",
            "StopTimeout",
            "KillMode",
            "DrainSignal",
            "DrainTimeout",
            "HealthHttp",
            "HealthStatus",
            "HealthSocket",
            "HealthCommand",
            "HealthInterval",
            "HealthTimeout",
            "Listens",
            "Sandbox");
        int Seconds(string name, int byDefault) => metadata.Number(ServiceItem, item, name, byDefault, LongestTime, location);
        ServiceDescription service = new()
        {
            Name = item.ItemSpec,
            Command = metadata.Text(item, "Command"),
            Arguments = metadata.List(item, "Arguments"),
            Environment = metadata.Pairs(item, "Environment"),
            WorkingDirectory = metadata.Text(item, "WorkingDirectory"),
            User = metadata.Text(item, "User"),
            After = metadata.List(item, "After"),
            Restart = metadata.Choice(ServiceItem, item, "Restart", DefaultService.Restart, location),
            RestartDelay = Seconds("RestartDelay", DefaultService.RestartDelay),
            RestartLimit = Seconds("RestartLimit", DefaultService.RestartLimit),
            OnFailure = metadata.Choice(ServiceItem, item, "OnFailure", DefaultService.OnFailure, location),
            StopSignal = TextOr(item, "StopSignal", DefaultService.StopSignal),
            StopTimeout = Seconds("StopTimeout", DefaultService.StopTimeout),
            KillMode = metadata.Choice(ServiceItem, item, "KillMode", DefaultService.KillMode, location),
            DrainSignal = metadata.Text(item, "DrainSignal"),
            DrainTimeout = Seconds("DrainTimeout", DefaultService.DrainTimeout),
            Health = Health(item, location),
            Listens = metadata.List(item, "Listens"),
            Sandbox = metadata.Pairs(item, "Sandbox"),
        };
        return new ServicePart(service, location);
    }

    internal StepPart Step(ITaskItem item)
    {
        SourceLocation location = metadata.Check(StepItem, item, "Command", "Environment", "After", "Once", "Timeout");
        StepDescription step = new()
        {
            Name = item.ItemSpec,
            Command = metadata.Text(item, "Command"),
            Environment = metadata.Pairs(item, "Environment"),
            After = metadata.List(item, "After"),
            Once = metadata.Choice(StepItem, item, "Once", DefaultStep.Once, location),
            Timeout = metadata.Number(StepItem, item, "Timeout", DefaultStep.Timeout, LongestTime, location),
        };
        return new StepPart(step, location);
    }

    internal CheckPart Check(ITaskItem item)
    {
        SourceLocation location = metadata.Check(CheckItem, item, "Command", "Http", "Status", "Sql", "Expected", "Timeout");
        CheckDescription check = new()
        {
            Name = item.ItemSpec,
            Command = metadata.Text(item, "Command"),
            Http = metadata.Text(item, "Http"),
            Status = metadata.Number(CheckItem, item, "Status", DefaultCheck.Status, LastStatus, location),
            Sql = metadata.Text(item, "Sql"),
            Expected = metadata.Text(item, "Expected"),
            Timeout = metadata.Number(CheckItem, item, "Timeout", DefaultCheck.Timeout, LongestTime, location),
        };
        return new CheckPart(check, location);
    }

    private HealthCheck? Health(ITaskItem item, SourceLocation location)
    {
        HealthCheck health = new()
        {
            Http = metadata.Text(item, "HealthHttp"),
            Socket = metadata.Text(item, "HealthSocket"),
            Command = metadata.Text(item, "HealthCommand"),
            Status = metadata.Number(ServiceItem, item, "HealthStatus", DefaultHealth.Status, LastStatus, location),
            Interval = metadata.Number(ServiceItem, item, "HealthInterval", DefaultHealth.Interval, LongestTime, location),
            Timeout = metadata.Number(ServiceItem, item, "HealthTimeout", DefaultHealth.Timeout, LongestTime, location),
        };
        return health.Http.Length + health.Socket.Length + health.Command.Length > 0 ? health : null;
    }

    private string TextOr(ITaskItem item, string name, string byDefault) => metadata.Text(item, name) is { Length: > 0 } text ? text : byDefault;
}
