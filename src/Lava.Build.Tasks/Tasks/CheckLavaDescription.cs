using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Checks everything about a description that can be checked, and reports it all, before anything is fetched or written.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckLavaDescription : DescriptionTask
{
    private const int SecondsOfADay = 86_400;
    private const int SecondsOfAWeek = 7 * SecondsOfADay;
    private const int MostRetries = 1000;

    // What MSBuild takes for true.
    private static readonly string[] Switches = ["true", "on", "yes", "!false", "!off", "!no"];

    /// <summary>The name of the instance (<c>LavaInstance</c>).</summary>
    public string Instance { get; set; } = "";

    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>The name of the primary component (<c>LavaPrimaryComponent</c>), or empty.</summary>
    public string PrimaryComponent { get; set; } = "";

    /// <summary>How files come into the store (<c>LavaLinkMode</c>): <c>hardlink</c> or <c>copy</c>.</summary>
    [Required]
    public string LinkMode { get; set; } = "";

    /// <summary>The first part of the release's name (<c>LavaRevision</c>), or empty.</summary>
    public string Revision { get; set; } = "";

    /// <summary>The architecture to deploy for (<c>LavaArchitecture</c>), or empty.</summary>
    public string Architecture { get; set; } = "";

    /// <summary><c>LavaOffline</c>. Switches and numbers are text here, so that what is none is told like all else.</summary>
    public string Offline { get; set; } = "";

    /// <summary><c>LavaLockedMode</c>.</summary>
    public string LockedMode { get; set; } = "";

    /// <summary>The profile (<c>Configuration</c>).</summary>
    public string Configuration { get; set; } = "";

    /// <summary><c>LavaTransferTimeout</c>.</summary>
    public string TransferTimeout { get; set; } = "";

    /// <summary><c>LavaIdleTimeout</c>.</summary>
    public string IdleTimeout { get; set; } = "";

    /// <summary><c>LavaRetries</c>.</summary>
    public string Retries { get; set; } = "";

    /// <summary><c>LavaMaxEntries</c>.</summary>
    public string MaxEntries { get; set; } = "";

    /// <summary><c>LavaMaxUnpackedBytes</c>.</summary>
    public string MaxUnpackedBytes { get; set; } = "";

    /// <summary><c>LavaMaxRatio</c>.</summary>
    public string MaxRatio { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken cancellation)
    {
        // By itself: what is misspelled is missing elsewhere, and one mistake should be told once.
        LavaException.ThrowIfAny([.. ProjectNames.Check(ProjectFile), .. ProjectNames.CheckGiven(GivenProperties, ProjectFile)], BuildLog);
        (IReadOnlyList<ComponentReference> references, _, IReadOnlyList<Problem> found) = ReadDescription();
        List<Problem> problems = [.. found];
        problems.AddRange(PropertyChecks.Check(Instance, InstanceRoot, PrimaryComponent, LinkMode, references, ProjectFile));
        problems.AddRange(PropertyChecks.CheckOptional(Revision, Architecture, ProjectFile));
        problems.AddRange(PropertyChecks.CheckNumbers(
            [
                ("LavaTransferTimeout", TransferTimeout, 1, SecondsOfAWeek),
                ("LavaIdleTimeout", IdleTimeout, 1, SecondsOfADay),
                ("LavaRetries", Retries, 0, MostRetries),
                ("LavaMaxEntries", MaxEntries, 1, int.MaxValue),
                ("LavaMaxUnpackedBytes", MaxUnpackedBytes, 1, long.MaxValue),
                ("LavaMaxRatio", MaxRatio, 1, long.MaxValue),
            ],
            ProjectFile));
        problems.AddRange(PropertyChecks.CheckSwitches([("LavaOffline", Offline), ("LavaLockedMode", LockedMode)], ProjectFile));
        IReadOnlyList<DevelopedComponent> developed = ReadDeveloped(references, problems);

        // The warnings are the build's, which says them once.
        bool locked = Switches.Contains(LockedMode, StringComparer.OrdinalIgnoreCase);
        problems.AddRange(DevelopedComponent.CheckUse(references, developed, Configuration, locked, ProjectFile).Where(problem => locked));
        LavaException.ThrowIfAny(problems, BuildLog);
        return Task.CompletedTask;
    }
}
