namespace Lava.Build.Services.Supervision;

/// <summary>What a service does at the moment.</summary>
internal enum ServiceCondition
{
    /// <summary>It waits for others.</summary>
    Waiting,

    /// <summary>It runs, and is not healthy yet.</summary>
    Starting,

    /// <summary>It does its work.</summary>
    Healthy,

    /// <summary>It runs, and its health check fails.</summary>
    Unhealthy,

    /// <summary>It has ended, and starts again soon.</summary>
    Restarting,

    /// <summary>It finishes what it has.</summary>
    Draining,

    /// <summary>It has ended as it should.</summary>
    Stopped,

    /// <summary>It has ended for good, or could not be started.</summary>
    Failed,
}

/// <summary>What a step does at the moment.</summary>
internal enum StepCondition
{
    /// <summary>It waits for others.</summary>
    Waiting,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It has been carried out.</summary>
    Done,

    /// <summary>It had been carried out before.</summary>
    Skipped,

    /// <summary>It has failed.</summary>
    Failed,
}

/// <summary>What the supervisor as a whole does.</summary>
internal enum InstanceCondition
{
    /// <summary>Not all are healthy yet.</summary>
    Starting,

    /// <summary>All were healthy once.</summary>
    Running,

    /// <summary>All are being stopped.</summary>
    Stopping,

    /// <summary>It has ended because something failed.</summary>
    Failed,

    /// <summary>It has ended as it should.</summary>
    Stopped,
}

/// <summary>A process of ours, recorded before it does anything. All is 0 where there is none.</summary>
/// <param name="Id">Its id, which is also its session's.</param>
/// <param name="Start">Its start time, in clock ticks since the host started.</param>
internal readonly record struct ProcessIdentity(int Id, long Start)
{
    /// <summary>Whether it lives, and is no other of the same id.</summary>
    internal bool Lives => Platform.ProcessTable.Lives(Id, Start);
}

/// <summary>A service, as the state file has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Condition">What it does.</param>
internal sealed record ServiceState(string Name, ServiceCondition Condition)
{
    /// <summary>Its main process, the last one if none runs.</summary>
    internal ProcessIdentity Process { get; init; }

    /// <summary>How often it was restarted.</summary>
    internal int Restarts { get; init; }

    /// <summary>Since when it does this, UTC.</summary>
    internal DateTime Since { get; init; }

    /// <summary>The exit code of the last process that ended; null if none has.</summary>
    internal int? Exit { get; init; }

    /// <summary>Why it does not do its work, or empty.</summary>
    internal string Reason { get; init; } = "";

    /// <summary>How its processes are to be ended, should the supervisor be killed.</summary>
    internal EndRule End { get; init; } = new(KillMode.Group, "SIGTERM", 10);
}

/// <summary>How the processes of a service or step are ended.</summary>
/// <param name="Mode">Which of them.</param>
/// <param name="Signal">What asks them to end.</param>
/// <param name="Timeout">Seconds after which they are killed.</param>
internal sealed record EndRule(KillMode Mode, string Signal, int Timeout)
{
    /// <summary>How a service says it.</summary>
    internal static EndRule Of(ServiceDescription service) => new(service.KillMode, service.StopSignal, service.StopTimeout);
}

/// <summary>A step, as the state file has it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Condition">What it does.</param>
internal sealed record StepState(string Name, StepCondition Condition)
{
    /// <summary>Its process, the last one if none runs.</summary>
    internal ProcessIdentity Process { get; init; }
}

/// <summary>All that is known of a running instance: <c>run/services.json</c>.</summary>
internal sealed record InstanceState
{
    /// <summary>Which start of the host this is of.</summary>
    internal string Boot { get; init; } = "";

    /// <summary>What all programs of this supervisor have as <c>LAVA_SERVICES_TOKEN</c>.</summary>
    internal string Token { get; init; } = "";

    /// <summary>The name of the release that runs.</summary>
    internal string Release { get; init; } = "";

    /// <summary>The supervisor.</summary>
    internal ProcessIdentity Supervisor { get; init; }

    /// <summary>Since when it runs, UTC.</summary>
    internal DateTime Since { get; init; }

    /// <summary>Whether it was started by <c>-t:Start</c>, and not in a terminal.</summary>
    internal bool Detached { get; init; }

    /// <summary>What it does.</summary>
    internal InstanceCondition Condition { get; init; }

    /// <summary>The services that were asked for, and what they wait for.</summary>
    internal IReadOnlyList<ServiceState> Services { get; init; } = [];

    /// <summary>The steps.</summary>
    internal IReadOnlyList<StepState> Steps { get; init; } = [];

    /// <summary>Whether its supervisor lives.</summary>
    internal bool Runs => Boot == Platform.ProcessTable.BootId && Supervisor.Lives;
}
