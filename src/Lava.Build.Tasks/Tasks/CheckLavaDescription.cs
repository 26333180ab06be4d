using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Checks everything about a description that can be checked, and reports it all, before anything is fetched or written.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckLavaDescription : DescriptionTask
{
    /// <summary>The name of the instance (<c>LavaInstance</c>).</summary>
    [Required]
    public string Instance { get; set; } = "";

    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>The name of the primary component (<c>LavaPrimaryComponent</c>), or empty.</summary>
    public string PrimaryComponent { get; set; } = "";

    /// <summary>How files come into the store (<c>LavaLinkMode</c>): <c>hardlink</c> or <c>copy</c>.</summary>
    [Required]
    public string LinkMode { get; set; } = "";

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken cancellation)
    {
        (IReadOnlyList<ComponentReference> references, _, IReadOnlyList<Problem> found) = ReadDescription();
        List<Problem> problems = [.. found];
        problems.AddRange(PropertyChecks.Check(Instance, InstanceRoot, PrimaryComponent, LinkMode, references, ProjectFile));
        LavaException.ThrowIfAny(problems, BuildLog);
        return Task.CompletedTask;
    }
}
