using Lava.Build.Components;
using Lava.Build.Services;

namespace Lava.Build.Databases;

/// <summary>What a database gives a release and an instance, but for texts: see <see cref="DatabaseFiles"/>.</summary>
public sealed record DatabaseParts
{
    /// <summary>The server, if it is the instance's own.</summary>
    public IReadOnlyList<ServiceDescription> Services { get; init; } = [];

    /// <summary>The steps <c>database-cluster</c> and <c>database</c>.</summary>
    public IReadOnlyList<StepDescription> Steps { get; init; } = [];

    /// <summary>Directories of the instance.</summary>
    public IReadOnlyList<DirectoryPart> Directories { get; init; } = [];

    /// <summary>Launchers for PostgreSQL's own programs.</summary>
    public IReadOnlyList<ProgramPart> Programs { get; init; } = [];
}
