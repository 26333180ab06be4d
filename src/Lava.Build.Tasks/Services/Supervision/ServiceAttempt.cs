using System.Diagnostics;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Supervision;

/// <summary>How a service's process went.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">Its exit code, where it ended by itself.</param>
/// <param name="WasHealthy">Whether it did its work for a time.</param>
/// <param name="Short">What happened, in a few words.</param>
/// <param name="Problems">What happened, for the user; none if it was stopped.</param>
internal sealed record AttemptOutcome(AttemptEnd End, int ExitCode, bool WasHealthy, string Short, IReadOnlyList<Problem> Problems);

/// <summary>One process of a service from its start to its end, with all that it has started.</summary>
/// <param name="service">The service.</param>
/// <param name="context">What it has in common with the others.</param>
/// <param name="user">Whom it runs as, where that is not the caller.</param>
/// <param name="log">Its log.</param>
/// <param name="onHealthy">Called each time it becomes healthy.</param>
internal sealed class ServiceAttempt(ServiceDescription service, RunContext context, RunAs? user, ServiceLog log, Action onHealthy)
{
    private const int LooksUntilLost = 3;

    /// <summary>How long a service without a health check must have lived to count as healthy.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private readonly HealthLook _look = new(service, context, user);
    private bool _wasHealthy;

    /// <summary>Runs until the service has ended, or is to be ended.</summary>
    internal async Task<AttemptOutcome> RunAsync(CancellationToken stop)
    {
        try
        {
            ListenChecks.Free(service, context.Holes, user, context.Location);
        }
        catch (LavaException failure)
        {
            return new AttemptOutcome(AttemptEnd.NotStarted, 0, false, "could not be started", failure.Problems);
        }

        OutputLines lines = new(Show);
        using CancellationTokenSource ended = new();
        Task tail = Task.CompletedTask;
        using SafeFileHandle? own = service.KillMode == KillMode.Process ? log.OpenForProgram() ?? File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write) : null;
        if (own is not null)
        {
            tail = new LogTail(log, lines).RunAsync(ended.Token);
        }

        using ChildProcess child = await StartAsync(lines, own);
        context.State.Change(service.Name, (ServiceState state) => state with { Condition = ServiceCondition.Starting, Process = child.Identity });
        child.Release();
        string seen = "";
        try
        {
            seen = await WatchAsync(child, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await DrainAsync(child);
        }
        finally
        {
            await ProcessEnd.EndAsync(child, EndRule.Of(service), context.Token, service.Name, context.Now);
            await ended.CancelAsync();
            await tail;
        }

        int exitCode = await child.Ended;
        context.State.Change(service.Name, (ServiceState state) => state with { Exit = exitCode });
        return stop.IsCancellationRequested
            ? new AttemptOutcome(AttemptEnd.Stopped, exitCode, _wasHealthy, "was stopped", [])
            : Outcome(exitCode, seen, lines);
    }

    private async Task<ChildProcess> StartAsync(OutputLines lines, SafeFileHandle? output)
    {
        string command = context.Holes.Fill(service.Command);
        string program = command.Contains('/', StringComparison.Ordinal)
            ? Path.GetFullPath(command, context.Layout.Root)
            : Path.Combine(context.Holes.Release, "bin", command);
        string directory = Path.GetFullPath(context.Holes.Fill(service.WorkingDirectory), context.Layout.Root);
        if (!File.Exists(program))
        {
            throw Problem.Error(Strings.ProgramOfServiceMissing, context.Location, $"Service '{service.Name}'", program).ToException();
        }

        if (!Directory.Exists(directory))
        {
            throw Problem.Error(Strings.DirectoryOfServiceMissing, context.Location, service.Name, directory).ToException();
        }

        return await context.Children.StartAsync(
            new ChildRequest(program, [.. service.Arguments.Select(context.Holes.Fill)], context.Variables(service.Name, user, service.Environment), directory)
            {
                User = user,
                // Its jobs are not to notice that anybody died.
                DeathSignal = service.KillMode == KillMode.Process ? null : service.StopSignal,
                Output = output,
                Lines = lines,
            });
    }

    private void Show(string line)
    {
        // What writes to the log by itself is in it.
        if (service.KillMode == KillMode.Group)
        {
            log.Write(line);
        }

        context.Console.Line(service.Name, line);
    }

    /// <summary>Returns when it has ended by itself, or must be ended; what the last look at its health saw.</summary>
    private async Task<string> WatchAsync(ChildProcess child, CancellationToken stop)
    {
        string? seen = await BecomeHealthyAsync(child, stop);
        if (child.Ended.IsCompleted || seen is not null)
        {
            // Nothing is to be seen of what has ended.
            return child.Ended.IsCompleted ? "" : seen!;
        }

        _wasHealthy = true;
        onHealthy();
        if (service.Health is null)
        {
            await child.Ended.WaitAsync(stop);
            return "";
        }

        return await StayHealthyAsync(child, service.Health, stop);
    }

    private async Task<string?> BecomeHealthyAsync(ChildProcess child, CancellationToken stop)
    {
        if (service.Health is not { } health)
        {
            await ProcessEnd.EndedWithinAsync(child.Ended, Settling, stop);
            stop.ThrowIfCancellationRequested();
            return null;
        }

        Stopwatch clock = Stopwatch.StartNew();
        TimeSpan limit = TimeSpan.FromSeconds(health.Timeout);
        TimeSpan pause = FirstPause;
        string? before = null;
        while (true)
        {
            string? seen = await LookAsync(child, limit - clock.Elapsed, stop);
            if (seen is null || child.Ended.IsCompleted)
            {
                return seen;
            }

            if (clock.Elapsed >= limit)
            {
                // The last look may have been cut off; the one before tells more.
                return before ?? seen;
            }

            before = seen;

            // More and more rarely: what starts slowly should not be kept from it by being asked.
            TimeSpan rest = limit - clock.Elapsed;
            await ProcessEnd.EndedWithinAsync(child.Ended, pause < rest ? pause : rest, stop);
            stop.ThrowIfCancellationRequested();
            pause = pause * 1.5 < LongestPause ? pause * 1.5 : LongestPause;
        }
    }

    private async Task<string> StayHealthyAsync(ChildProcess child, HealthCheck health, CancellationToken stop)
    {
        int bad = 0;
        while (true)
        {
            if (await ProcessEnd.EndedWithinAsync(child.Ended, TimeSpan.FromSeconds(Math.Max(1, health.Interval)), stop))
            {
                return "";
            }

            stop.ThrowIfCancellationRequested();
            string? seen = await LookAsync(child, TimeSpan.FromSeconds(health.Timeout), stop);
            if (child.Ended.IsCompleted)
            {
                return "";
            }

            if (seen is null)
            {
                if (bad > 0)
                {
                    bad = 0;
                    onHealthy();
                }

                continue;
            }

            bad++;
            context.State.Change(service.Name, (ServiceState state) => state with { Condition = ServiceCondition.Unhealthy, Reason = seen });
            if (bad == LooksUntilLost)
            {
                return seen;
            }
        }
    }

    // A look is not waited for when the process has ended meanwhile.
    private async Task<string?> LookAsync(ChildProcess child, TimeSpan limit, CancellationToken stop)
    {
        using CancellationTokenSource look = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task<string?> looking = _look.LookAsync(limit > TimeSpan.Zero ? limit : TimeSpan.FromMilliseconds(1), look.Token);
        await Task.WhenAny(looking, child.Ended);
        if (!looking.IsCompleted)
        {
            await look.CancelAsync();
        }

        try
        {
            return await looking;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task DrainAsync(ChildProcess child)
    {
        if (service.DrainSignal.Length == 0 || child.Ended.IsCompleted || context.Now.IsCancellationRequested)
        {
            return;
        }

        context.State.Change(service.Name, (ServiceState state) => state with { Condition = ServiceCondition.Draining });
        context.Console.Say($"{service.Name} finishes what it has, for {service.DrainTimeout} s at most");
        child.Signal(SignalNames.Number(service.DrainSignal));
        await ProcessEnd.EndedWithinAsync(child.Ended, TimeSpan.FromSeconds(service.DrainTimeout), context.Now);
    }

    private AttemptOutcome Outcome(int exitCode, string seen, OutputLines lines)
    {
        string how = SignalNames.Describe(exitCode);
        string tail = RunContext.Tail(lines);
        (AttemptEnd end, string brief, Problem problem) = (_wasHealthy, seen.Length > 0) switch
        {
            (false, false) => (AttemptEnd.DiedAtStart, how, Problem.Error(Strings.ServiceDiedAtStart, context.Location, service.Name, how, tail)),
            (false, true) => (AttemptEnd.NeverHealthy, "did not become healthy",
                Problem.Error(Strings.ServiceNeverHealthy, context.Location, service.Name, service.Health!.Timeout, seen, tail)),
            (true, false) => (AttemptEnd.Ended, how, Problem.Error(Strings.ServiceEnded, context.Location, service.Name, how, tail)),
            (true, true) => (AttemptEnd.LostHealth, "is not healthy any more", Problem.Error(Strings.ServiceLostHealth, context.Location, service.Name, seen, tail)),
        };
        // What it said long ago is not why it ends now.
        return new AttemptOutcome(end, exitCode, _wasHealthy, brief, _wasHealthy ? [problem] : context.Explain(lines, problem));
    }
}
