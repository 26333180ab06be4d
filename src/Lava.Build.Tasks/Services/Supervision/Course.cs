using System.Collections.Concurrent;

namespace Lava.Build.Services.Supervision;

/// <summary>Services and steps from their start in order to their stop in reverse order.</summary>
internal sealed class Course(StartPlan plan, Func<ServiceDescription, ServiceUnit> makeService, Func<StepDescription, StepUnit> makeStep)
{
    private readonly ConcurrentDictionary<string, Unit> _units = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _stops = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private Task _restart = Task.CompletedTask;
    private bool _stopping;

    /// <summary>Starts all; each waits for its own predecessors only.</summary>
    internal void Start()
    {
        foreach (StepDescription step in plan.Steps)
        {
            _units[step.Name] = makeStep(step);
        }

        foreach (ServiceDescription service in plan.Services)
        {
            _units[service.Name] = makeService(service);
        }

        foreach (Unit unit in _units.Values)
        {
            Begin(unit);
        }
    }

    /// <summary>Waits until each is ready, or will never be.</summary>
    /// <returns>Whether all are ready.</returns>
    internal async Task<bool> ReadyAsync() => (await Task.WhenAll(_units.Values.Select(unit => unit.Ready))).All(ready => ready);

    /// <summary>Waits until nothing of all this runs any more.</summary>
    internal async Task FinishedAsync()
    {
        IReadOnlyList<Unit> seen;
        do
        {
            seen = [.. _units.Values];
            await Task.WhenAll(seen.Select(unit => unit.Finished));
            await _restart;
        }
        while (!seen.ToHashSet().SetEquals(_units.Values));
    }

    /// <summary>Stops each when all that wait for it have ended; from then on nothing starts any more.</summary>
    internal Task StopAsync()
    {
        lock (_gate)
        {
            _stopping = true;
        }

        return Task.WhenAll(_units.Keys.Select(StopAsync));
    }

    /// <summary>Stops services; what waits for them goes on.</summary>
    internal Task StopAsync(IReadOnlyCollection<string> names)
    {
        Unit[] chosen = [.. plan.Services.Where(service => names.Contains(service.Name)).Select(service => _units[service.Name])];
        foreach (Unit unit in chosen)
        {
            unit.Stop();
        }

        return Task.WhenAll(chosen.Select(unit => unit.Finished));
    }

    /// <summary>Restarts services at once, also those that have ended; returns when each is ready again, or will not be.</summary>
    internal async Task RestartAsync(IReadOnlyCollection<string> names)
    {
        // Known before the first one ends: that is not the end of all.
        TaskCompletionSource restart = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _restart = restart.Task;
        List<Unit> fresh = [];
        try
        {
            foreach (ServiceDescription service in plan.Services.Where(service => names.Contains(service.Name)))
            {
                Unit before = _units[service.Name];
                before.Stop();
                await before.Finished;
                if (TryReplace(service) is not { } after)
                {
                    break;
                }

                fresh.Add(after);
            }
        }
        finally
        {
            restart.SetResult();
        }

        await Task.WhenAll(fresh.Select(unit => unit.Ready));
    }

    // Null once all is being stopped: what began now would be stopped by nobody.
    private ServiceUnit? TryReplace(ServiceDescription service)
    {
        lock (_gate)
        {
            if (_stopping)
            {
                return null;
            }

            ServiceUnit after = makeService(service);
            _units[service.Name] = after;
            Begin(after);
            return after;
        }
    }

    private void Begin(Unit unit) => unit.Begin([.. plan.Predecessors[unit.Name].Select(name => _units[name])]);

    private Task StopAsync(string name) => _stops.GetOrAdd(name, async one =>
    {
        await Task.WhenAll(plan.SuccessorsOf(one).Select(StopAsync));
        Unit unit = _units[one];
        unit.Stop();
        await unit.Finished;
    });
}
