using Lava.Build.Components;

namespace Lava.Build.Databases;

/// <summary>PostgreSQL's programs in a release: a launcher for each, by which it finds the release's shared libraries.</summary>
internal static class DatabasePrograms
{
    /// <summary>Where the launchers stand in a release.</summary>
    internal const string Directory = "libexec/lava-build/postgresql";

    /// <summary>Whether the server is there to accept connections.</summary>
    internal const string Ready = "pg_isready";

    /// <summary>What users may call, too: see <see cref="DatabaseFiles"/>.</summary>
    internal static IReadOnlyList<string> ForUsers { get; } = ["psql", "pg_dump", "pg_restore", "pg_dumpall"];

    /// <summary>The programs of server and client.</summary>
    internal static IReadOnlyList<ProgramPart> Of(DatabaseDescription database, int major)
    {
        string server = $"{DatabaseServices.ServerComponent}{major}";
        string postgres = Path("postgres", major);
        return
        [
            Part(database, "postgres", major, server),
            // It starts the postgres beside it.
            Part(database, "initdb", major, server) with { Needs = [postgres], StartsOthers = true },
            .. OfClient(database, major),
        ];
    }

    /// <summary>The programs of the client.</summary>
    internal static IReadOnlyList<ProgramPart> OfClient(DatabaseDescription database, int major) =>
    [
        .. ForUsers.Append(Ready).Select(program => Part(database, program, major, $"{DatabaseServices.ClientComponent}{major}") with
        {
            // It starts the pg_dump beside it.
            Needs = program == "pg_dumpall" ? [Path("pg_dump", major)] : [],
            StartsOthers = program == "pg_dumpall",
        }),
    ];

    private static ProgramPart Part(DatabaseDescription database, string program, int major, string component) =>
        new($"{Directory}/{program}", Path(program, major), database.Location) { For = database.Name, Component = $"the component {component}" };

    // Debian's place.
    private static string Path(string program, int major) => $"usr/lib/postgresql/{major}/bin/{program}";
}
