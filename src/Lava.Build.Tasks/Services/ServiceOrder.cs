namespace Lava.Build.Services;

/// <summary>Puts what waits for each other into an order.</summary>
public static class ServiceOrder
{
    /// <summary>The names, each after those that it waits for, and otherwise as given.</summary>
    /// <param name="after">What each name waits for. Names that are not among the keys are passed over.</param>
    /// <param name="cycle">Names that wait for each other, the first one again at the end; empty if there are none.</param>
    public static IReadOnlyList<string> Sort(IReadOnlyDictionary<string, IReadOnlyList<string>> after, out IReadOnlyList<string> cycle)
    {
        List<string> order = [];
        HashSet<string> done = new(StringComparer.Ordinal);
        List<string> path = [];
        cycle = [];
        foreach (string name in after.Keys)
        {
            if (Visit(name, after, done, path, order) is { } found)
            {
                cycle = found;
                break;
            }
        }

        return order;
    }

    /// <summary><paramref name="names"/> and all that they wait for, directly or not.</summary>
    public static IReadOnlySet<string> Closure(IReadOnlyDictionary<string, IReadOnlyList<string>> after, IEnumerable<string> names)
    {
        HashSet<string> closure = new(StringComparer.Ordinal);
        Stack<string> open = new(names);
        while (open.TryPop(out string? name))
        {
            if (after.TryGetValue(name, out IReadOnlyList<string>? earlier) && closure.Add(name))
            {
                foreach (string other in earlier)
                {
                    open.Push(other);
                }
            }
        }

        return closure;
    }

    /// <summary>What each service and step waits for, services first.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Waits(InstanceServices services) =>
        services.Services.Select(service => (service.Name, service.After))
            .Concat(services.Steps.Select(step => (step.Name, step.After)))
            .ToDictionary(pair => pair.Name, pair => pair.After, StringComparer.Ordinal);

    private static List<string>? Visit(
        string name, IReadOnlyDictionary<string, IReadOnlyList<string>> after, HashSet<string> done, List<string> path, List<string> order)
    {
        if (done.Contains(name) || !after.TryGetValue(name, out IReadOnlyList<string>? earlier))
        {
            return null;
        }

        int start = path.IndexOf(name);
        if (start >= 0)
        {
            return [.. path[start..], name];
        }

        path.Add(name);
        foreach (string other in earlier)
        {
            if (Visit(other, after, done, path, order) is { } cycle)
            {
                return cycle;
            }
        }

        path.RemoveAt(path.Count - 1);
        done.Add(name);
        order.Add(name);
        return null;
    }
}
