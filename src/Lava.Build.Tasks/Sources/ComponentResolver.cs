using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Sources;

/// <summary>Brings the lock file up to date with the description, or says why it may not be.</summary>
public static class ComponentResolver
{
    /// <summary>Resolves what has no fitting pin and writes the lock file if it changes.</summary>
    /// <param name="references">The checked description.</param>
    /// <param name="lockFile">The lock file's absolute path.</param>
    /// <param name="mode">How the lock file may be treated.</param>
    /// <param name="contexts">What the sources work with.</param>
    /// <param name="cancellation">Ends the work; the lock file is unchanged then.</param>
    /// <exception cref="LavaException">The lock file does not fit and may not change (LAVA1011 to LAVA1017), or pins cannot be found.</exception>
    public static async Task ResolveAsync(
        IReadOnlyList<ComponentReference> references,
        string lockFile,
        LockMode mode,
        SourceContexts contexts,
        CancellationToken cancellation)
    {
        LockFile? locked = LockFile.Read(lockFile);
        if (mode == LockMode.Locked && locked is null)
        {
            throw Problem.Error(Strings.NoLockFile, new SourceLocation(lockFile), lockFile).ToException();
        }

        SourceContext common = contexts.Template;
        string architecture = common.Architecture.Length > 0 ? common.Architecture : LockPlan.HostArchitecture;
        LockPlan plan = LockPlan.Compare(references, locked, lockFile, mode, architecture);
        if (mode == LockMode.Locked)
        {
            LavaException.ThrowIfAny(plan.Differences, common.Log);
            return;
        }

        Dictionary<string, Pin> pins = new(plan.Kept, StringComparer.Ordinal);
        foreach (Pin pin in await ResolveAllAsync(plan.ToResolve, contexts, cancellation))
        {
            pins[pin.Name] = pin;
        }

        if (await new LockFile(pins).WriteAsync(lockFile, cancellation))
        {
            common.Log.Say($"Wrote {lockFile}: {pins.Count} components, {plan.ToResolve.Count} of them resolved now");
        }
    }

    private static async Task<IEnumerable<Pin>> ResolveAllAsync(
        IReadOnlyList<ComponentReference> references, SourceContexts contexts, CancellationToken cancellation)
    {
        List<Pin> pins = [];
        List<Problem> problems = [];
        foreach (IGrouping<ISource, ComponentReference> group in references.GroupBy(reference => SourceRegistry.Find(reference.Source)!))
        {
            try
            {
                pins.AddRange(await group.Key.ResolveAsync([.. group], contexts.For(group.Key), cancellation));
            }
            catch (LavaException failure)
            {
                problems.AddRange(failure.Problems);
            }
        }

        return problems.Count == 0 ? pins : throw new LavaException(problems);
    }
}
