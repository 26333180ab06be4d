namespace Lava.Build.Services;

/// <summary>All that runs in an instance, and all that tests it. Stands in each release: see <see cref="ServicesFile"/>.</summary>
public sealed record InstanceServices
{
    /// <summary>The instance's name.</summary>
    public string Instance { get; init; } = "";

    /// <summary>Whom programs run as if started by root (<c>LavaUser</c>); made when missing, if it is the default one.</summary>
    public string User { get; init; } = "";

    /// <summary>Where people reach it, such as <c>http://127.0.0.1:8000/</c>; nowhere if empty.</summary>
    public string Address { get; init; } = "";

    /// <summary>The services, each after those that it waits for.</summary>
    public IReadOnlyList<ServiceDescription> Services { get; init; } = [];

    /// <summary>The steps, each after those that it waits for.</summary>
    public IReadOnlyList<StepDescription> Steps { get; init; } = [];

    /// <summary>The tests.</summary>
    public IReadOnlyList<CheckDescription> Checks { get; init; } = [];
}
