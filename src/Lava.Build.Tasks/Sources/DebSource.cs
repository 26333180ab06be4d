using System.Globalization;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Sources;

/// <summary>Debian packages, from wherever the host's apt is configured to take them, verified by apt and by their pin.</summary>
public sealed class DebSource : ISource
{
    private const string ArchitectureMetadata = "Architecture";
    private const string AnyMachine = "all";

    /// <inheritdoc/>
    public string Name => "deb";

    /// <inheritdoc/>
    public IReadOnlyList<string> Metadata { get; } =
        [ComponentChecks.Sha256Metadata, ComponentChecks.ExcludesMetadata, ArchitectureMetadata];

    /// <inheritdoc/>
    public bool NeedsVersion => true;

    /// <inheritdoc/>
    public bool JudgesNames => true;

    /// <inheritdoc/>
    public IEnumerable<Problem> Check(ComponentReference reference, string projectDirectory)
    {
        if (!DebPolicy.IsName(reference.Name))
        {
            yield return Problem.Error(Strings.BadPackageName, reference.Location, reference.Name);
        }

        if (reference.Version.Length > 0 && !DebPolicy.IsVersion(reference.Version))
        {
            yield return Problem.Error(Strings.BadPackageVersion, reference.Location, reference.Name, reference.Version);
        }

        string architecture = reference[ArchitectureMetadata];
        if (architecture.Length > 0 && !DebPolicy.IsArchitecture(architecture))
        {
            yield return Problem.Error(Strings.BadArchitecture, reference.Location, reference.Name, architecture);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Pin>> ResolveAsync(
        IReadOnlyList<ComponentReference> references, SourceContext context, CancellationToken cancellation)
    {
        context.Processes.FindProgram("apt-get", references[0].Name, references[0].Location);
        Dictionary<string, Pin> pins = new(StringComparer.Ordinal);
        Dictionary<string, Problem> problems = new(StringComparer.Ordinal);
        foreach (IGrouping<string, ComponentReference> machine in references.GroupBy(reference => MachineOf(reference, context)))
        {
            AptRequest[] requests =
                [.. machine.Select(reference => new AptRequest(reference.Name, reference.Version, reference.Sha256, reference.Location))];
            using FileLock held = await LockAsync(context, cancellation);
            Apt apt = await Apt.OpenAsync(context, machine.Key, cancellation);
            IReadOnlyList<AptAnswer> answers = await new AptLookup(apt, context).FindAsync(requests, context.Refresh, cancellation);
            foreach ((AptAnswer answer, ComponentReference reference) in answers.Zip(machine))
            {
                Problem? problem = answer.Problem ?? IsForOther(answer, reference) ?? Differs(answer, "the project");
                if (problem is not null)
                {
                    problems.Add(answer.Request.Name, problem);
                }
                else
                {
                    pins.Add(answer.Request.Name, PinOf(answer.Offer!));
                }
            }
        }

        ThrowInOrder(problems, references.Select(reference => reference.Name));
        return [.. references.Select(reference => pins[reference.Name])];
    }

    /// <inheritdoc/>
    public async Task FetchAsync(
        IReadOnlyList<PinnedComponent> components, SourceContext context, CancellationToken cancellation)
    {
        if (context.Offline)
        {
            throw new LavaException(
                [.. components.Select(component =>
                    Problem.Error(Strings.OfflineFetch, component.Reference.Location, component.Pin.Name, "its Debian archive"))]);
        }

        context.Processes.FindProgram("apt-get", components[0].Pin.Name, components[0].Reference.Location);
        Dictionary<string, Problem> problems = new(StringComparer.Ordinal);
        foreach (IGrouping<string, PinnedComponent> machine in components.GroupBy(component => MachineOf(component.Reference, context)))
        {
            // Held to the end of the download: a renewal of the lists would take them from under it.
            using FileLock held = await LockAsync(context, cancellation);
            PinnedComponent[] missing =
                [.. machine.Where(component => !context.Archives.Contains(component.Pin.Sha256!, component.Pin.Size))];
            if (missing.Length > 0)
            {
                await FetchForAsync(machine.Key, missing, context, problems, cancellation);
            }
        }

        ThrowInOrder(problems, components.Select(component => component.Pin.Name));
    }

    /// <inheritdoc/>
    public TreeRecipe? Recipe(PinnedComponent component) => new(ArchiveFormat.Deb);

    private static async Task FetchForAsync(
        string architecture,
        PinnedComponent[] components,
        SourceContext context,
        Dictionary<string, Problem> problems,
        CancellationToken cancellation)
    {
        AptRequest[] requests =
            [.. components.Select(component =>
                new AptRequest(component.Pin.Name, component.Pin.Version, component.Pin.Sha256, component.Reference.Location))];
        Apt apt = await Apt.OpenAsync(context, architecture, cancellation);
        IReadOnlyList<AptAnswer> answers = await new AptLookup(apt, context).FindAsync(requests, refresh: false, cancellation);
        List<AptAnswer> offered = [];
        foreach ((AptAnswer answer, PinnedComponent component) in answers.Zip(components))
        {
            Problem? problem = answer.Problem ?? Differs(answer, "the lock file") ?? DiffersInSize(answer, component.Pin);
            if (problem is null)
            {
                offered.Add(answer);
            }
            else
            {
                problems.Add(answer.Request.Name, problem);
            }
        }

        if (offered.Count > 0)
        {
            await DownloadAsync(apt, offered, context, problems, cancellation);
        }
    }

    private static async Task DownloadAsync(
        Apt apt,
        IReadOnlyList<AptAnswer> answers,
        SourceContext context,
        Dictionary<string, Problem> problems,
        CancellationToken cancellation)
    {
        string key = string.Create(CultureInfo.InvariantCulture, $"apt of {Posix.EffectiveUser()}");
        using FileLock held = await context.Archives.LockAsync(key, cancellation);
        string directory = context.Archives.FreshPath(key);
        // What stands there, a killed build left.
        FileTree.Delete(directory);
        Directory.CreateDirectory(directory, FileTree.PrivateMode);
        try
        {
            ProcessOutcome outcome = await apt.DownloadAsync([.. answers.Select(answer => answer.Request.Specification)], directory, cancellation);
            foreach (AptAnswer answer in answers)
            {
                string file = Path.Combine(directory, answer.Offer!.File);
                if (!IsWhole(file, answer.Offer, outcome))
                {
                    AptRequest request = answer.Request;
                    AptFailure failure = AptFailure.Of(outcome.Error, Path.GetDirectoryName(directory)!, $"/{request.Name}_");
                    problems.Add(
                        request.Name,
                        failure.Refusal ?? Problem.Error(Strings.AptDownloadFailed, request.Location, request.Name, request.Version, failure.Words));
                    continue;
                }

                string actual = context.Archives.Add(file, answer.Request.Sha256, cancellation);
                if (Differs(answer.Request, actual, "the lock file") is { } problem)
                {
                    problems.Add(answer.Request.Name, problem);
                }
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // Where the disk is full, apt leaves what it could write, and says that it failed.
    private static bool IsWhole(string file, AptOffer offer, ProcessOutcome outcome) =>
        new FileInfo(file) is { Exists: true } got && (outcome.ExitCode == 0 || got.Length == offer.Size);

    private static string MachineOf(ComponentReference reference, SourceContext context) =>
        reference[ArchitectureMetadata] is { Length: > 0 } own && own != AnyMachine ? own : context.Architecture;

    private static Task<FileLock> LockAsync(SourceContext context, CancellationToken cancellation) =>
        FileLock.AcquireAsync(
            Path.Combine(context.StateDirectory, "lock"),
            "using apt",
            holder => context.Log.Say($"Waiting for another build that uses apt ({holder})"),
            cancellation);

    private static Problem? Differs(AptAnswer answer, string who) => Differs(answer.Request, answer.Offer!.Sha256!, who);

    private static Problem? Differs(AptRequest request, string actual, string who) =>
        request.Sha256 is null || request.Sha256 == actual
            ? null
            : Problem.Error(Strings.HashMismatch, request.Location, request.Name, "apt's archive", actual, who, request.Sha256);

    private static Problem? IsForOther(AptAnswer answer, ComponentReference reference) =>
        reference[ArchitectureMetadata] == AnyMachine && answer.Offer!.Architecture != AnyMachine
            ? Problem.Error(
                Strings.WrongArchitecture, reference.Location, reference.Name, reference.Version, answer.Offer.Architecture, AnyMachine)
            : null;

    private static Problem? DiffersInSize(AptAnswer answer, Pin pin) =>
        pin.Size is null || pin.Size == answer.Offer!.Size
            ? null
            : Problem.Error(
                Strings.WrongSize, answer.Request.Location, pin.Name, "apt's archive", answer.Offer.Size, "the lock file", pin.Size);

    private Pin PinOf(AptOffer offer) => new()
    {
        Name = offer.Name,
        Source = Name,
        Version = offer.Version,
        Architecture = offer.Architecture,
        File = offer.File,
        Size = offer.Size,
        Sha256 = offer.Sha256,
    };

    private static void ThrowInOrder(Dictionary<string, Problem> problems, IEnumerable<string> names)
    {
        if (problems.Count > 0)
        {
            throw new LavaException([.. names.Where(problems.ContainsKey).Select(name => problems[name]).Distinct()]);
        }
    }
}
