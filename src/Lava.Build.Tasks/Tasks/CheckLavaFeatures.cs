using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Says of each feature that the application does not have (LAVA1085) which one was probably meant.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckLavaFeatures : LavaTask
{
    /// <summary>The application's name (<c>LavaApplication</c>).</summary>
    public string Application { get; set; } = "";

    /// <summary>The features (<c>LavaFeatures</c>) that it does not have.</summary>
    [Required]
    public string[] Unknown { get; set; } = [];

    /// <summary>The features that it has.</summary>
    public string[] Known { get; set; } = [];

    /// <inheritdoc/>
    protected override Task RunAsync(CancellationToken cancellation)
    {
        SourceLocation location = new(ProjectFile);
        LavaException.ThrowIfAny(
            [.. Unknown.Select(name => Problem.Error(Strings.UnknownFeature, location, name, Application, NearestName.Advice(Known, name)))], BuildLog);
        return Task.CompletedTask;
    }
}
