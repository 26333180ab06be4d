using System.Collections.Concurrent;
using System.Globalization;
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
    private bool _stoppedSome;

    /// <summary>Runs until all has stopped.</summary>
    /// <returns>0 after a stop that was asked for, 1 after a failure, which has been told.</returns>
    /// <exception cref="LavaException">Nothing could be started.</exception>
    internal async Task<int> RunAsync()
    {
        // Whoever cancels the start sends signals there.
        console.Report("process", Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        RunHoles holes = ActiveRelease.Of(_layout, _location);
        InstanceServices services = ServicesFile.ReadIfAny(holes.Release);
        RunDirectories.MakeOuter(_layout);
        if (!options.Detached)
        {
            // Who starts it in the background has done that.
            try
            {
                await InstanceOwner.PrepareAsync(_layout, services, console, signals.Stop);
            }
            catch (OperationCanceledException) when (signals.Stop.IsCancellationRequested)
            {
                return 0;
            }
        }

        RunAs? user = Check(services, holes);
        RunDirectories.MakeInner(_layout, user);
        using FileLock held = Lock(user);
        ChildProcesses children = new(new ProcessRunner(host).FindProgram("setpriv"));
        foreach (ControlRequest request in ControlRequest.Find(_layout, user))
        {
            // Whom it was for has ended.
            request.Delete(_layout, user);
        }

        await EndLeftoversAsync(services, user);
        int exitCode;
        do
        {
            _again = false;
            _problems.Clear();
            exitCode = await RunOnceAsync(children, user);
        }
        while (_again);
        return exitCode;
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
        string path = RunLock.PathIn(_layout);
        using FileIdentity identity = FileIdentity.Of(user);
        if (FileLock.TryAcquire(path, RunHolder.Supervising) is { } held)
        {
            return held;
        }

        string holder = FileLock.HolderOf(path) ?? "another process";
        throw Problem.Error(Strings.AlreadyRunning, _location, _layout.Root, holder, new RunHolder(holder).StopCommand ?? StopCommand).ToException();
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

    private async Task<int> RunOnceAsync(ChildProcesses children, RunAs? user)
    {
        using CancellationTokenSource failed = new();
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(
            signals.Stop, options.Detached ? CancellationToken.None : signals.HangUp, console.Lost, failed.Token);
        if (stop.IsCancellationRequested)
        {
            return 0;
        }

        // Before the release is looked up: whoever has asked by now gets that, or a newer one.
        ControlRequest[] answered = [.. ControlRequest.Find(_layout, user).Where(request => request.Verb == ControlVerb.Restart)];
        RunHoles holes = ActiveRelease.Of(_layout, _location);
        InstanceServices services = ServicesFile.ReadIfAny(holes.Release);
        StartPlan plan = StartPlan.Of(services, options.Services, _location);
        StateKeeper state = new(_layout, First(plan, holes), user, failure => console.Tell(
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
        course.Start();
        _stoppedSome = false;
        Task requests = FollowRequestsAsync(course, answered, user, stop);
        Task announcement = AnnounceAsync(course, context, answered, user);
        Task finished = course.FinishedAsync();
        await Task.WhenAny(finished, Task.Delay(Timeout.Infinite, stop.Token));
        if (plan.Services.Count == 0 && finished.IsCompleted)
        {
            // Steps alone are done when they are ready.
            await announcement;
        }

        bool asked = plan.Services.Count == 0 || _stoppedSome || (stop.IsCancellationRequested && !failed.IsCancellationRequested);
        state.Change(now => now with { Condition = InstanceCondition.Stopping });
        await course.StopAsync();
        await course.FinishedAsync();
        await stop.CancelAsync();
        await requests;
        await announcement;
        await EndOrphansAsync(plan);
        // What ended by itself, all of it, without anybody's wish, has not done what services are for.
        int exitCode = asked && _problems.IsEmpty ? 0 : 1;
        state.Change(now => now with { Condition = exitCode == 0 ? InstanceCondition.Stopped : InstanceCondition.Failed });
        return exitCode;
    }

    private InstanceState First(StartPlan plan, RunHoles holes) => new()
    {
        Boot = ProcessTable.BootId,
        Token = Guid.NewGuid().ToString("N"),
        Release = Path.GetFileName(holes.Release),
        Supervisor = new ProcessIdentity(Environment.ProcessId, ProcessTable.Find(Environment.ProcessId)?.Start ?? 0),
        Since = DateTime.UtcNow,
        Detached = options.Detached,
        Condition = InstanceCondition.Starting,
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

    private async Task AnnounceAsync(Course course, RunContext context, ControlRequest[] answered, RunAs? user)
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
        foreach (ControlRequest request in answered)
        {
            request.Delete(_layout, user);
        }
    }

    // What cannot be done as all is being stopped stays, and the end of this process is the answer.
    private async Task FollowRequestsAsync(Course course, ControlRequest[] answered, RunAs? user, CancellationTokenSource stop)
    {
        do
        {
            foreach (ControlRequest request in ControlRequest.Find(_layout, user).ExceptBy(answered.Select(one => one.Id), one => one.Id))
            {
                if (request.Services.Count == 0)
                {
                    _again = true;
                    await stop.CancelAsync();
                    return;
                }

                await FollowAsync(request, course);
                if (stop.IsCancellationRequested)
                {
                    return;
                }

                request.Delete(_layout, user);
            }
        }
        while (await signals.RequestedAsync(stop.Token));
    }

    private Task FollowAsync(ControlRequest request, Course course)
    {
        string names = string.Join(", ", request.Services);
        if (request.Verb == ControlVerb.Restart)
        {
            console.Say($"restarting {names}");
            return course.RestartAsync(request.Services);
        }

        _stoppedSome = true;
        console.Say($"stopping {names}");
        return course.StopAsync(request.Services);
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
