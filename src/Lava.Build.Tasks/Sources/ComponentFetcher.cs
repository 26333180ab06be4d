using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>What a checked description and its lock file say together.</summary>
public static class ComponentFetcher
{
    /// <summary>The components with their pins, in the description's order.</summary>
    /// <exception cref="LavaException">The lock file is missing or does not fit: a restore is needed (LAVA1016).</exception>
    public static IReadOnlyList<PinnedComponent> Pinned(
        IReadOnlyList<ComponentReference> references, string lockFile, string architecture)
    {
        LockFile? locked = LockFile.Read(lockFile);
        string wanted = architecture.Length > 0 ? architecture : LockPlan.HostArchitecture;
        LockPlan plan = LockPlan.Compare(references, locked, lockFile, LockMode.Locked, wanted);
        return plan.Differences.Count == 0
            ? [.. references.Select(reference => new PinnedComponent(reference, plan.Kept[reference.Name]))]
            : throw Problem.Error(Strings.RestoreNeeded, new SourceLocation(lockFile), lockFile).ToException();
    }

    /// <summary>Puts every archive that the cache lacks into it.</summary>
    /// <exception cref="LavaException">One problem for each component that cannot be had.</exception>
    public static async Task FetchAsync(
        IReadOnlyList<PinnedComponent> components, SourceContexts contexts, CancellationToken cancellation)
    {
        ArchiveCache archives = contexts.Template.Archives;
        archives.DeleteLeftovers();
        PinnedComponent[] missing = Missing(components, archives, cancellation);
        if (missing.Length == 0)
        {
            return;
        }

        contexts.Template.Log.Say($"Fetching {missing.Length} of {components.Count} components");
        List<Problem> problems = [];
        foreach (IGrouping<ISource, PinnedComponent> group in missing.GroupBy(component => SourceRegistry.Find(component.Pin.Source)!))
        {
            try
            {
                await group.Key.FetchAsync([.. group], contexts.For(group.Key), cancellation);
            }
            catch (LavaException failure)
            {
                problems.AddRange(failure.Problems);
            }
        }

        if (problems.Count > 0)
        {
            throw new LavaException(problems);
        }
    }

    // A damaged archive must be found while it can still be fetched again.
    private static PinnedComponent[] Missing(
        IReadOnlyList<PinnedComponent> components, ArchiveCache archives, CancellationToken cancellation)
    {
        bool[] missing = new bool[components.Count];
        Workers.For(components.Count, i =>
        {
            Pin pin = components[i].Pin;
            missing[i] = pin.Sha256 is { } digest && (!archives.Contains(digest, pin.Size) || !archives.Verify(digest, cancellation));
        }, cancellation);
        return [.. components.Where((_, i) => missing[i])];
    }

    /// <summary>The tree that a component becomes; null for one that is used in place.</summary>
    public static TreeRequest? TreeFor(PinnedComponent component)
    {
        TreeRecipe? recipe = SourceRegistry.Find(component.Pin.Source)!.Recipe(component);
        return TreeRequest.For(component, recipe);
    }
}
