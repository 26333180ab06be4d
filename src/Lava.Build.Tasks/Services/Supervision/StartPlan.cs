using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Supervision;

/// <summary>What is to run, and what waits for what: the services and steps that somebody asked for, and all that those wait for.</summary>
/// <param name="Services">The services, in the order of the description.</param>
/// <param name="Steps">The steps.</param>
internal sealed record StartPlan(IReadOnlyList<ServiceDescription> Services, IReadOnlyList<StepDescription> Steps)
{
    /// <summary>What a service or step waits for, by name.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyList<string>> Predecessors { get; } = WaitsOf(new InstanceServices { Services = Services, Steps = Steps });

    /// <summary>Selects from what an instance has.</summary>
    /// <param name="all">The instance.</param>
    /// <param name="names">The services that are asked for; all if empty.</param>
    /// <param name="location">Where they were named.</param>
    /// <exception cref="LavaException">Nothing runs there (LAVA5027), there is no such service (LAVA5010), or some wait for each other (LAVA5001).</exception>
    internal static StartPlan Of(InstanceServices all, IReadOnlyCollection<string> names, SourceLocation location)
    {
        if (all.Services.Count + all.Steps.Count == 0)
        {
            throw Problem.Error(Strings.NothingRuns, location).ToException();
        }

        CheckNames(names, [.. all.Services.Select(service => service.Name)], "no service of this instance", location);
        IReadOnlyDictionary<string, IReadOnlyList<string>> waits = ServiceOrder.Waits(all);
        ServiceOrder.Sort(waits, out IReadOnlyList<string> circle);
        if (circle.Count > 0)
        {
            // A build does not write such a file; started anyway, they would wait for ever.
            throw Problem.Error(Strings.BadServicesFile, location, ServicesFile.Path, $"these wait for each other: {string.Join(", ", circle)}").ToException();
        }

        IReadOnlySet<string> wanted = ServiceOrder.Closure(waits, names.Count == 0 ? waits.Keys : names);
        return new StartPlan(
            [.. all.Services.Where(service => wanted.Contains(service.Name))], [.. all.Steps.Where(step => wanted.Contains(step.Name))]);
    }

    /// <summary>Makes sure that services are known.</summary>
    /// <param name="names">Their names.</param>
    /// <param name="known">The names of all that could be meant.</param>
    /// <param name="what">What an unknown one is, for the message.</param>
    /// <param name="location">Where they were named.</param>
    /// <exception cref="LavaException">Some are not (LAVA5010).</exception>
    internal static void CheckNames(IEnumerable<string> names, IReadOnlyCollection<string> known, string what, SourceLocation location)
    {
        Problem[] unknown =
        [
            .. names.Where(name => !known.Contains(name, StringComparer.Ordinal))
                .Select(name => Problem.Error(Strings.UnknownService, location, name, what, known.Count == 0 ? " There are no services." : NearestName.Advice(known, name))),
        ];
        if (unknown.Length > 0)
        {
            throw new LavaException(unknown);
        }
    }

    /// <summary>Who waits for a service or step, directly.</summary>
    internal IEnumerable<string> SuccessorsOf(string name) => Predecessors.Where(pair => pair.Value.Contains(name)).Select(pair => pair.Key);

    // A name that this instance does not have is nothing to wait for.
    private static Dictionary<string, IReadOnlyList<string>> WaitsOf(InstanceServices selected)
    {
        IReadOnlyDictionary<string, IReadOnlyList<string>> waits = ServiceOrder.Waits(selected);
        return waits.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<string>)[.. pair.Value.Where(waits.ContainsKey).Distinct()], StringComparer.Ordinal);
    }
}
