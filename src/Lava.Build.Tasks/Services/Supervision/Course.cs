using System.Collections.Concurrent;

namespace Lava.Build.Services.Supervision;

/// <summary>Services and steps from their start in order to their stop in reverse order.</summary>
internal sealed class Course(StartPlan plan, Func<ServiceDescription, ServiceUnit> makeService, Func<StepDescription, StepUnit> makeStep)
{
    private readonly ConcurrentDictionary<string, Unit> _units = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _stops = new(StringComparer.Ordinal);
    private Task _restart = Task.CompletedTask;

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

    /// <summary>Stops each when all that wait for it have ended.</summary>
    internal Task StopAsync() => Task.WhenAll(_units.Keys.Select(StopAsync));

    /// <summary>Restarts services at once, also those that have ended.</summary>
    /// <returns>Whether each is ready again.</returns>
    internal async Task<bool> RestartAsync(IReadOnlyCollection<string> names)
    {
        Task<IReadOnlyList<Unit>> restart = ReplaceAsync(names);
        _restart = restart;
        return (await Task.WhenAll((await restart).Select(unit => unit.Ready))).All(ready => ready);
    }

    private async Task<IReadOnlyList<Unit>> ReplaceAsync(IReadOnlyCollection<string> names)
    {
        List<Unit> fresh = [];
        foreach (ServiceDescription service in plan.Services.Where(service => names.Contains(service.Name)))
        {
            Unit before = _units[service.Name];
            before.Stop();
            await before.Finished;
            Unit after = makeService(service);
            _units[service.Name] = after;
            Begin(after);
            fresh.Add(after);
        }

        return fresh;
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
