using System.Runtime.InteropServices;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;

namespace Lava.Build.Components;

/// <summary>How the lock file may be treated.</summary>
public enum LockMode
{
    /// <summary>Pins that fit are kept, others are resolved, and the file is written if anything changed.</summary>
    Update,

    /// <summary>The file must fit exactly (<c>--locked-mode</c>, <c>ContinuousIntegrationBuild</c>).</summary>
    Locked,

    /// <summary>Every pin is resolved anew (<c>--force-evaluate</c>).</summary>
    Renew,
}

/// <summary>What a description and its lock file have in common.</summary>
/// <param name="Kept">Pins that stay, by component.</param>
/// <param name="ToResolve">References without a fitting pin.</param>
/// <param name="Differences">Why the lock file does not fit; errors, to be shown where it must not change.</param>
public sealed record LockPlan(
    IReadOnlyDictionary<string, Pin> Kept, IReadOnlyList<ComponentReference> ToResolve, IReadOnlyList<Problem> Differences)
{
    /// <summary>This machine's architecture, in Debian's words.</summary>
    public static string HostArchitecture { get; } = RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => "amd64",
        Architecture.X86 => "i386",
        Architecture.Arm64 => "arm64",
        Architecture.Arm => "armhf",
        Architecture.RiscV64 => "riscv64",
        Architecture.Ppc64le => "ppc64el",
        Architecture.S390x => "s390x",
        Architecture.LoongArch64 => "loong64",
        Architecture other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>Compares what is asked for with what is locked.</summary>
    /// <param name="references">The checked description.</param>
    /// <param name="locked">The lock file, or null if there is none.</param>
    /// <param name="lockFile">Its path, for messages.</param>
    /// <param name="mode">How it may be treated.</param>
    /// <param name="architecture">The architecture to deploy for, in Debian's words.</param>
    /// <exception cref="LavaException">The lock file is for another architecture (LAVA1014).</exception>
    public static LockPlan Compare(
        IReadOnlyList<ComponentReference> references, LockFile? locked, string lockFile, LockMode mode, string architecture)
    {
        Dictionary<string, Pin> kept = new(StringComparer.Ordinal);
        List<ComponentReference> toResolve = [];
        List<Problem> differences = [];
        List<Problem> foreign = [];
        foreach (ComponentReference reference in references)
        {
            Pin? pin = mode == LockMode.Renew ? null : locked?.Pins.GetValueOrDefault(reference.Name);
            Problem? difference = Difference(reference, pin, lockFile);
            if (difference is null && IsForeign(reference, pin!, architecture))
            {
                foreign.Add(Problem.Error(
                    Strings.LockedForOtherArchitecture, reference.Location, reference.Name, pin!.Architecture, architecture, lockFile));
            }
            else if (difference is null)
            {
                kept.Add(reference.Name, pin!);
            }
            else
            {
                toResolve.Add(reference);
                differences.Add(difference);
            }
        }

        if (foreign.Count > 0)
        {
            throw new LavaException(foreign);
        }

        HashSet<string> names = [.. references.Select(reference => reference.Name)];
        IEnumerable<string> extra = (locked?.Pins.Keys ?? []).Where(name => !names.Contains(name)).Order(StringComparer.Ordinal);
        differences.AddRange(extra.Select(
            name => Problem.Error(Strings.LockedButNotAsked, new SourceLocation(lockFile), name, locked!.Pins[name].Version, lockFile)));
        return new LockPlan(kept, toResolve, differences);
    }

    private static Problem? Difference(ComponentReference reference, Pin? pin, string lockFile)
    {
        if (pin is null)
        {
            return Problem.Error(Strings.NotLocked, reference.Location, reference.Name, reference.Version, lockFile);
        }

        if (!string.Equals(pin.Source, reference.Source, StringComparison.OrdinalIgnoreCase))
        {
            return Stale(reference, "source", reference.Source, pin.Source, lockFile);
        }

        if (pin.Version != reference.Version)
        {
            return Stale(reference, "version", reference.Version, pin.Version, lockFile);
        }

        if (reference.Sha256 is { } digest && pin.Sha256 != digest)
        {
            return Stale(reference, "SHA-256", digest, pin.Sha256 ?? "none", lockFile);
        }

        // Somebody took it out of the lock file; what is used in place never has one.
        if (pin.Sha256 is null && SourceRegistry.Find(reference.Source)?.Recipe(new PinnedComponent(reference, pin)) is not null)
        {
            return Stale(reference, "SHA-256", reference.Sha256 ?? "of its archive", "none", lockFile);
        }

        string architecture = reference["Architecture"];
        return architecture.Length > 0 && pin.Architecture is not null && pin.Architecture != architecture && pin.Architecture != "all"
            ? Stale(reference, "architecture", architecture, pin.Architecture, lockFile)
            : null;
    }

    private static Problem Stale(ComponentReference reference, string what, string asked, string locked, string lockFile) =>
        Problem.Error(Strings.StaleLock, reference.Location, reference.Name, what, asked, locked, lockFile);

    private static bool IsForeign(ComponentReference reference, Pin pin, string architecture) =>
        reference["Architecture"].Length == 0
        && pin.Architecture is not (null or "all")
        && pin.Architecture != architecture;
}
