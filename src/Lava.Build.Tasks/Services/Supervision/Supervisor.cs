using System.Collections.Concurrent;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services.Systemd;

namespace Lava.Build.Services.Supervision;

/// <summary>Looks after the services of one instance, from their start until somebody asks for their end or something fails.</summary>
/// <param name="options">What to do.</param>
/// <param name="host">The variables of whoever started this.</param>
/// <param name="console">What people see.</param>
/// <param name="signals">What this process is told by signals.</param>
internal sealed class Supervisor(SupervisorOptions options, HostEnvironment host, SupervisorConsole console, SupervisorSignals signals)
{
    private readonly InstanceLayout _layout = new(options.Instance);
    private readonly SourceLocation _location = new(options.Project ?? options.Instance);
    private readonly ConcurrentQueue<Problem> _problems = new();
    private bool _again;

    /// <summary>Runs until all has stopped.</summary>
    /// <returns>0 after a stop that was asked for, 1 after a failure, which has been told.</returns>
    /// <exception cref="LavaException">Nothing could be started.</exception>
    internal async Task<int> RunAsync()
    {
        RunHoles holes = ActiveRelease.Of(_layout, _location);
        InstanceServices services = ServicesFile.Read(holes.Release);
        RunDirectories.MakeOuter(_layout);
        if (!options.Detached)
        {
            // Who starts it in the background has done that.
            await InstanceOwner.PrepareAsync(_layout, services, console, signals.Stop);
        }

        RunAs? user = Check(services, holes);
        RunDirectories.MakeInner(_layout, user);
        using FileLock held = Lock(user);
        ChildProcesses children = new(new ProcessRunner(host).FindProgram("setpriv"));
        await EndLeftoversAsync(services, user);
        string answered = "";
        do
        {
            _again = false;
            _problems.Clear();
            (int exitCode, answered) = await RunOnceAsync(children, user, answered);
            if (!_again)
            {
                return exitCode;
            }
        }
        while (true);
    }

    /// <summary>Everything that can be said before anything is started, or whom programs run as.</summary>
    private RunAs? Check(InstanceServices services, RunHoles holes)
    {
        StartPlan plan = StartPlan.Of(services, options.Services, _location);
        List<Problem> problems = [.. plan.Services.SelectMany(service => ListenChecks.CheckPaths(service, holes, _location))];
        RunAs? user = InstanceUser.Of(services, "", _location, "The instance");
        foreach (ServiceDescription service in plan.Services)
        {
            try
            {
                InstanceUser.Of(services, service.User, _location, $"service '{service.Name}'");
            }
            catch (LavaException failure)
            {
                problems.AddRange(failure.Problems);
            }
        }

        return problems.Count == 0 ? user : throw new LavaException(problems);
    }

    private FileLock Lock(RunAs? user)
    {
        string path = Path.Combine(_layout.Root, "run", "services.lock");
        using FileIdentity identity = FileIdentity.Of(user);
        if (FileLock.TryAcquire(path, "running the services") is { } held)
        {
            return held;
        }

        string holder = FileLock.HolderOf(path) ?? "another process";
        throw Problem.Error(Strings.AlreadyRunning, _location, _layout.Root, holder, RunLock.StopCommandOf(holder) ?? StopCommand).ToException();
    }

    private string StopCommand => $"dotnet build {Path.GetFileName(options.Project ?? "instance.proj")} -t:Stop";

    private async Task EndLeftoversAsync(InstanceServices services, RunAs? user)
    {
        HashSet<uint> users = [.. services.Services.Where(service => service.User.Length > 0).Select(service => SystemUser.Find(service.User)?.Uid).OfType<uint>()];
        Leftovers leftovers = new(_layout, user?.Uid ?? Posix.EffectiveUser(), users);
        if (await Leftovers.EndAsync(leftovers.Find(StateFile.Read(_layout)), _location, signals.Now) is { } done)
        {
            console.Say(done);
        }
    }

    private async Task<(int ExitCode, string Answered)> RunOnceAsync(ChildProcesses children, RunAs? user, string answered)
    {
        RunHoles holes = ActiveRelease.Of(_layout, _location);
        InstanceServices services = ServicesFile.Read(holes.Release);
        StartPlan plan = StartPlan.Of(services, options.Services, _location);
        using CancellationTokenSource failed = new();
        StateKeeper state = new(_layout, First(plan, holes, answered), user, failure => console.Tell(
            Problem.Warning(Strings.LogNotWritten, _location, "the state", StateFile.PathIn(_layout), failure.Message)));
        state.Change(first => first);
        RunContext context = new(_layout, services, holes, children, state, console)
        {
            Caller = host.Variables,
            Location = _location,
            Now = signals.Now,
            OnFailed = (action, problems) => Fail(action, problems, failed),
        };
        Course course = new(plan, service => new ServiceUnit(service, context), step => new StepUnit(step, context));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Stop, console.Lost, failed.Token);
        course.Start();
        Task restarts = FollowRequestsAsync(course, context, user, stop);
        Task announcement = AnnounceAsync(course, context);
        Task finished = course.FinishedAsync();
        await Task.WhenAny(finished, Task.Delay(Timeout.Infinite, stop.Token));
        bool asked = stop.IsCancellationRequested && !failed.IsCancellationRequested;
        state.Change(now => now with { Condition = InstanceCondition.Stopping });
        await course.StopAsync();
        await course.FinishedAsync();
        await stop.CancelAsync();
        await restarts;
        await announcement;
        await EndOrphansAsync(plan);
        // What ended by itself, all of it, without anybody's wish, has not done what services are for.
        int exitCode = asked && _problems.IsEmpty ? 0 : 1;
        state.Change(now => now with { Condition = exitCode == 0 ? InstanceCondition.Stopped : InstanceCondition.Failed });
        return (exitCode, state.Current.Answered);
    }

    private InstanceState First(StartPlan plan, RunHoles holes, string answered) => new()
    {
        Boot = ProcessTable.BootId,
        Token = Guid.NewGuid().ToString("N"),
        Release = Path.GetFileName(holes.Release),
        Supervisor = new ProcessIdentity(Environment.ProcessId, ProcessTable.Find(Environment.ProcessId)?.Start ?? 0),
        Since = DateTime.UtcNow,
        Detached = options.Detached,
        Condition = InstanceCondition.Starting,
        Answered = answered,
        Services = [.. plan.Services.Select(service => new ServiceState(service.Name, ServiceCondition.Waiting) { Since = DateTime.UtcNow, End = EndRule.Of(service) })],
        Steps = [.. plan.Steps.Select(step => new StepState(step.Name, StepCondition.Waiting))],
    };

    private void Fail(FailureAction action, IReadOnlyList<Problem> problems, CancellationTokenSource failed)
    {
        bool goesOn = action == FailureAction.Continue;
        // While all is being stopped, what waited for others is no news.
        if (failed.IsCancellationRequested && problems.All(problem => Strings.PredecessorFailed.StartsWith(problem.Code, StringComparison.Ordinal)))
        {
            return;
        }

        foreach (Problem problem in problems)
        {
            console.Tell(goesOn ? problem with { Severity = Severity.Warning } : problem);
            if (!goesOn)
            {
                _problems.Enqueue(problem);
            }
        }

        if (!goesOn)
        {
            failed.Cancel();
        }
    }

    private async Task AnnounceAsync(Course course, RunContext context)
    {
        await course.ReadyAsync();
        if (!_problems.IsEmpty || context.State.Current.Condition != InstanceCondition.Starting)
        {
            return;
        }

        context.State.Change(now => now with { Condition = InstanceCondition.Running });
        string address = context.Services.Address.Length > 0 ? context.Services.Address : string.Join(", ", context.State.Current.Services.Select(service => service.Name));
        string name = context.Services.Instance.Length > 0 ? context.Services.Instance : Path.GetFileName(context.Layout.Root);
        console.Healthy($"{name} -> {address}");
        console.EndReport();
    }

    private async Task FollowRequestsAsync(Course course, RunContext context, RunAs? user, CancellationTokenSource stop)
    {
        while (await signals.HangUpAsync(stop.Token))
        {
            if (ControlRequest.Take(_layout, user) is not { } request)
            {
                if (!options.Detached)
                {
                    // Its terminal is gone.
                    await stop.CancelAsync();
                }

                continue;
            }

            if (request.Restart.Count == 0)
            {
                _again = true;
                context.State.Change(now => now with { Answered = request.Id });
                await stop.CancelAsync();
                return;
            }

            console.Say($"restarting {string.Join(", ", request.Restart)}");
            await course.RestartAsync(request.Restart);
            context.State.Change(now => now with { Answered = request.Id });
        }
    }

    /// <summary>
    /// Ends what services have left that this process adopted, and that hid from their service. Where a service's jobs outlive it, only what
    /// still tells that it is none of them.
    /// </summary>
    private async Task EndOrphansAsync(StartPlan plan)
    {
        HashSet<string> spared = [.. plan.Services.Where(service => service.KillMode == KillMode.Process).Select(service => service.Name)];
        ProcessIdentity[] orphans =
        [
            .. ProcessTable.All().Where(process => process.Parent == Environment.ProcessId)
                .Where(process => ProcessTable.Variable(process.Id, RunContext.NameVariable) is { } name ? !spared.Contains(name) : spared.Count == 0)
                .SelectMany(process => SessionMembers.Of(new ProcessIdentity(process.Id, process.Start))),
        ];
        await ProcessEnd.EndAsync(orphans, new EndRule(KillMode.Group, "SIGTERM", 1), signals.Now);
    }
}
