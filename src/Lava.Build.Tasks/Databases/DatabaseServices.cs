using Lava.Build.Components;
using Lava.Build.Services;

namespace Lava.Build.Databases;

/// <summary>
/// What a <c>LavaDatabase</c> stands for. With a server of the instance's own: the step <c>database-cluster</c>, the service
/// <c>postgresql</c> and the step <c>database</c>; with another server only the last one. All else says <c>After="database"</c>.
/// </summary>
public static class DatabaseServices
{
    /// <summary>The step after which the database can be used.</summary>
    public const string DatabaseStep = "database";

    /// <summary>The step that makes the cluster.</summary>
    public const string ClusterStep = "database-cluster";

    /// <summary>The service.</summary>
    public const string Service = "postgresql";

    /// <summary>What a client's component is called before its major version.</summary>
    internal const string ClientComponent = "postgresql-client-";

    /// <summary>What a server's component is called before its major version.</summary>
    internal const string ServerComponent = "postgresql-";

    /// <summary>The role by which the instance's own server is set up.</summary>
    internal const string Superuser = "postgres";

    /// <summary>The major version that is suggested where none is a component: Debian 12's.</summary>
    internal const int UsualMajor = 15;

    // A server on its way up is waited for, up to 90 s; then connections are given up after 10 s each, and there are three at most.
    private const int DatabaseTimeout = 180;

    // A crash may leave some minutes of write-ahead log to go through.
    private const int RecoveryTimeout = 300;

    // A fast shutdown writes all that is only in memory.
    private const int StopTimeout = 60;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What a database stands for.</summary>
    /// <param name="database">The database, without a problem of <see cref="DatabaseChecks"/>.</param>
    /// <param name="components">The names of the project's components.</param>
    public static DatabaseParts Expand(DatabaseDescription database, IReadOnlyCollection<string> components) =>
        database.IsEmbedded ? Embedded(database, components) : Server(database, components);

    /// <summary>Adds to what a project says what its database stands for.</summary>
    /// <param name="parts">What the project says.</param>
    /// <param name="database">Its database, or null.</param>
    /// <param name="components">The names of the project's components.</param>
    public static InstanceParts AddTo(InstanceParts parts, DatabaseDescription? database, IReadOnlyCollection<string> components)
    {
        if (database is null)
        {
            return parts;
        }

        DatabaseParts own = Expand(database, components);
        return parts with
        {
            Database = database,
            Services = [.. own.Services.Select(service => new ServicePart(service, database.Location)), .. parts.Services],
            Steps = [.. own.Steps.Select(step => new StepPart(step, database.Location)), .. parts.Steps],
            // Modes that the project gives count.
            Directories = [.. parts.Directories, .. own.Directories],
            Programs = [.. parts.Programs, .. own.Programs],
        };
    }

    /// <summary>The major version of the instance's own server.</summary>
    internal static int MajorOf(IReadOnlyCollection<string> components) => DatabaseVersion.Newest(components, ServerComponent) ?? UsualMajor;

    private static DatabaseParts Embedded(DatabaseDescription database, IReadOnlyCollection<string> components) => new()
    {
        Services =
        [
            new ServiceDescription
            {
                Name = Service,
                Command = "postgres",
                After = [ClusterStep],
                // Its "fast" shutdown: clients are sent away.
                StopSignal = "SIGINT",
                StopTimeout = StopTimeout,
                Health = new HealthCheck
                {
                    Command = $"exec \"$LAVA_RELEASE\"/{DatabaseFiles.ReadyScript}",
                    Timeout = RecoveryTimeout,
                },
                Listens = [$"{DatabaseDescription.SocketDirectory}/.s.PGSQL.{database.PortNumber}"],
                Sandbox = new Dictionary<string, string>
                {
                    // The signal is for the server, which ends its own processes in order.
                    ["KillMode"] = "mixed",
                },
            },
        ],
        Steps =
        [
            new StepDescription { Name = ClusterStep, Command = $"exec \"$LAVA_RELEASE\"/{DatabaseFiles.ClusterScript}", Once = StepFrequency.Start },
            Step(Service),
        ],
        Directories =
        [
            new DirectoryPart(DatabaseDescription.SocketDirectory, OwnerOnly, database.Location),
            new DirectoryPart("var/postgresql", OwnerOnly, database.Location),
        ],
        Programs = DatabasePrograms.Of(database, MajorOf(components)),
    };

    private static DatabaseParts Server(DatabaseDescription database, IReadOnlyCollection<string> components) => new()
    {
        Steps = [Step()],
        Programs = DatabaseVersion.Newest(components, ClientComponent) is { } major ? DatabasePrograms.OfClient(database, major) : [],
    };

    private static StepDescription Step(params string[] after) => new()
    {
        Name = DatabaseStep,
        Command = $"exec \"$LAVA_RELEASE\"/{DatabaseFiles.DatabaseScript}",
        After = after,
        Once = StepFrequency.Start,
        Timeout = DatabaseTimeout,
    };
}
