using Lava.Build.Components;
using Lava.Build.Instances;
using Lava.Build.Releases;
using Lava.Build.Services;

namespace Lava.Build.Databases;

/// <summary>What a database gives a release and an instance.</summary>
public sealed record DatabaseParts
{
    /// <summary>Nothing.</summary>
    public static DatabaseParts None { get; } = new();

    /// <summary>The server, if it is the instance's own.</summary>
    public IReadOnlyList<ServiceDescription> Services { get; init; } = [];

    /// <summary>The steps <c>database-cluster</c> and <c>database</c>.</summary>
    public IReadOnlyList<StepDescription> Steps { get; init; } = [];

    /// <summary>Directories of the instance.</summary>
    public IReadOnlyList<DirectoryPart> Directories { get; init; } = [];

    /// <summary>Launchers for PostgreSQL's own programs.</summary>
    public IReadOnlyList<ProgramPart> Programs { get; init; } = [];

    /// <summary>Scripts, settings and the record of the database, for the release.</summary>
    public IReadOnlyList<GeneratedFile> Files { get; init; } = [];

    /// <summary>Files in <c>etc</c> that an admin may edit.</summary>
    public IReadOnlyList<ConfigurationFile> Configuration { get; init; } = [];
}
