using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Services.Supervision;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>A task that starts or stops services.</summary>
public abstract class ServicesTask : LavaTask
{
    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>The services that are meant (<c>LavaServices</c>); all if empty.</summary>
    public string[] Services { get; set; } = [];

    /// <summary>The program <c>dotnet</c>.</summary>
    public string DotNet { get; set; } = "dotnet";

    /// <summary>The instance.</summary>
    private protected InstanceLayout Layout => new(Absolute(InstanceRoot));

    /// <summary>Where the services are described, for messages.</summary>
    private protected SourceLocation Location => new(ProjectFile);

    /// <summary>The supervisor that runs, if one does.</summary>
    private protected SupervisorControl Control => new(Layout, Location, BuildLog);

    /// <summary>The services that are meant, in words; <paramref name="all"/> if none is named.</summary>
    private protected string Subject(string all) => Services.Length > 0 ? string.Join(", ", Services) : all;

    /// <inheritdoc/>
    protected sealed override Task RunAsync(CancellationToken cancellation)
    {
        // No build may have looked before, and what is meant for some must not be done to all.
        LavaException.ThrowIfAny([.. ProjectNames.CheckGiven(GivenProperties, ProjectFile)], BuildLog);
        return ControlAsync(cancellation);
    }

    /// <summary>The work.</summary>
    protected abstract Task ControlAsync(CancellationToken cancellation);

    /// <summary>Starts a supervisor in the background.</summary>
    private protected Task StartAsync(CancellationToken cancellation)
    {
        SupervisorOptions options = new(Layout.Root) { Services = Services, Project = ProjectFile, Detached = true };
        return new DetachedStart(typeof(ServicesTask).Assembly.Location, DotNet, Host, BuildLog).StartAsync(options, cancellation);
    }
}
