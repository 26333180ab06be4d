using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Supervision;

/// <summary>What is to run, and what waits for what: the services and steps that somebody asked for, and all that those wait for.</summary>
/// <param name="Services">The services, in the order of the description.</param>
/// <param name="Steps">The steps.</param>
internal sealed record StartPlan(IReadOnlyList<ServiceDescription> Services, IReadOnlyList<StepDescription> Steps)
{
    /// <summary>What a service or step waits for, by name.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> Predecessors { get; } = WaitsOf(Services, Steps);

    /// <summary>Selects from what an instance has.</summary>
    /// <param name="all">The instance.</param>
    /// <param name="names">The services that are asked for; all if empty.</param>
    /// <param name="location">Where they were named.</param>
    /// <exception cref="LavaException">There is no such service (LAVA5010), or some wait for each other (LAVA5001).</exception>
    internal static StartPlan Of(InstanceServices all, IReadOnlyCollection<string> names, SourceLocation location)
    {
        string[] known = [.. all.Services.Select(service => service.Name)];
        Problem[] unknown =
        [
            .. names.Where(name => !known.Contains(name, StringComparer.Ordinal))
                .Select(name => Problem.Error(Strings.UnknownService, location, name, known.Length == 0 ? " The instance has no services." : NearestName.Advice(known, name))),
        ];
        if (unknown.Length > 0)
        {
            throw new LavaException(unknown);
        }

        IReadOnlyDictionary<string, IReadOnlyList<string>> waits = WaitsOf(all.Services, all.Steps);
        CheckOrder(waits, location);
        HashSet<string> wanted = new(StringComparer.Ordinal);
        foreach (string name in names.Count == 0 ? waits.Keys : names)
        {
            Add(name, waits, wanted);
        }

        return new StartPlan(
            [.. all.Services.Where(service => wanted.Contains(service.Name))], [.. all.Steps.Where(step => wanted.Contains(step.Name))]);
    }

    /// <summary>Who waits for a service or step, directly.</summary>
    internal IEnumerable<string> SuccessorsOf(string name) => Predecessors.Where(pair => pair.Value.Contains(name)).Select(pair => pair.Key);

    private static Dictionary<string, IReadOnlyList<string>> WaitsOf(IEnumerable<ServiceDescription> services, IEnumerable<StepDescription> steps)
    {
        Dictionary<string, IReadOnlyList<string>> after = new(StringComparer.Ordinal);
        foreach ((string name, IReadOnlyList<string> names) in services.Select(service => (service.Name, service.After)).Concat(steps.Select(step => (step.Name, step.After))))
        {
            after[name] = names;
        }

        // A name that this instance does not have is nothing to wait for.
        return after.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)[.. pair.Value.Where(after.ContainsKey).Distinct()], StringComparer.Ordinal);
    }

    private static void Add(string name, IReadOnlyDictionary<string, IReadOnlyList<string>> waits, HashSet<string> wanted)
    {
        if (wanted.Add(name))
        {
            foreach (string predecessor in waits[name])
            {
                Add(predecessor, waits, wanted);
            }
        }
    }

    // A build does not write such a file; started anyway, they would wait for ever.
    private static void CheckOrder(IReadOnlyDictionary<string, IReadOnlyList<string>> waits, SourceLocation location)
    {
        HashSet<string> done = new(StringComparer.Ordinal);
        while (done.Count < waits.Count)
        {
            string[] next = [.. waits.Where(pair => !done.Contains(pair.Key) && pair.Value.All(done.Contains)).Select(pair => pair.Key)];
            if (next.Length == 0)
            {
                string circle = string.Join(", ", waits.Keys.Where(name => !done.Contains(name)).Order(StringComparer.Ordinal));
                throw Problem.Error(Strings.BadServicesFile, location, ServicesFile.Path, $"these wait for each other: {circle}").ToException();
            }

            done.UnionWith(next);
        }
    }
}
