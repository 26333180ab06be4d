using System.Globalization;
using Lava.Build.Instances;
using Lava.Build.Releases;

namespace Lava.Build.Databases;

/// <summary>The texts that a database gives a release and an instance: scripts, settings, and the record of where the database is.</summary>
internal static class DatabaseFiles
{
    /// <summary>Makes the cluster.</summary>
    internal const string ClusterScript = "libexec/lava-build/database-cluster";

    /// <summary>Makes role and database, or says what is wrong with the server.</summary>
    internal const string DatabaseScript = "libexec/lava-build/database";

    /// <summary>psql with the instance's database, for checks.</summary>
    internal const string QueryScript = "libexec/lava-build/psql";

    /// <summary>Tells by its exit code whether the server accepts connections.</summary>
    internal const string ReadyScript = "libexec/lava-build/database-ready";

    private const string Settings = "share/lava-build/postgresql.conf";
    private const string Admission = "share/lava-build/pg_hba.conf";
    private const string SetPassword = "share/lava-build/set-password.sql";
    private const string AdminSettings = "etc/postgresql.conf";
    private const int LongestClusterName = 63;
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>The scripts, settings and the record of the database, for a release; nothing comes of null.</summary>
    /// <param name="database">The database, without a problem of <see cref="DatabaseChecks"/>.</param>
    /// <param name="components">The names of the project's components.</param>
    /// <param name="instance">The instance's name.</param>
    internal static IReadOnlyList<GeneratedFile> For(DatabaseDescription? database, IReadOnlyCollection<string> components, string instance) =>
        database is null ? []
        : database.IsEmbedded ? Embedded(database, DatabaseServices.MajorOf(components), instance)
        : Server(database, hasClient: DatabaseVersion.Newest(components, DatabaseServices.ClientComponent) is not null);

    /// <summary>Files in <c>etc</c> that an admin may edit.</summary>
    internal static IReadOnlyList<ConfigurationFile> Configuration(DatabaseDescription? database) =>
        database is { IsEmbedded: true } ? [new(AdminSettings, Template("etc-postgresql.conf") + "\n", Readable)] : [];

    // For a server of the instance's own.
    private static IReadOnlyList<GeneratedFile> Embedded(DatabaseDescription database, int major, string instance)
    {
        Dictionary<string, string> holes = Common(database, hasClient: true);
        holes["Connection"] = string.Join('\n', ["PGHOST=$LAVA_INSTANCE/" + DatabaseDescription.SocketDirectory, .. Connection(database)]);
        holes["Creator"] = ShellQuoting.Posix(DatabaseServices.Superuser);
        holes["Admin"] = "";
        holes["PasswordPrefix"] = "";
        holes["CreateRole"] = Template("database-create-role");
        holes["Where"] = ShellQuoting.Posix($"'{DatabaseDescription.SocketDirectory}'");
        holes["Major"] = major.ToString(CultureInfo.InvariantCulture);
        holes["Roles"] = ShellQuoting.PosixWords([database.Role, DatabaseServices.Superuser]);
        holes["ClusterName"] = Quoted(ForTitles(instance));
        holes["Settings"] = string.Concat(database.Settings
            .OrderBy(setting => setting.Key, StringComparer.Ordinal)
            .Select(setting => $"{setting.Key} = {Quoted(setting.Value)}\n"));
        return
        [
            .. Clients(holes),
            Script("bin/postgres", "postgres", holes),
            Script(ClusterScript, "database-cluster", holes),
            Client(ReadyScript, DatabasePrograms.Ready, $"-q -U {DatabaseServices.Superuser} -d {DatabaseServices.Superuser} ", holes),
            GeneratedFile.Text(Settings, Fill("postgresql.conf", holes)),
            GeneratedFile.Text(Admission, Template("pg_hba.conf") + "\n"),
            GeneratedFile.Text(DatabaseRecord.Path, DatabaseRecord.Of(database).ToText()),
        ];
    }

    // For a server that runs already.
    private static IReadOnlyList<GeneratedFile> Server(DatabaseDescription database, bool hasClient)
    {
        Dictionary<string, string> holes = Common(database, hasClient);
        string certificate = database.TrustedCertificates;
        holes["Connection"] = string.Join(
            '\n',
            [
                $"PGHOST={ShellQuoting.Posix(database.Host)}",
                .. Connection(database),
                $"PGSSLMODE={database.TlsMode}; export PGSSLMODE",
                certificate.StartsWith('/') ? $"PGSSLROOTCERT={ShellQuoting.Posix(certificate)}; export PGSSLROOTCERT"
                : $"PGSSLROOTCERT=$LAVA_INSTANCE/{ShellQuoting.Posix(certificate)}; export PGSSLROOTCERT",
                $"PGPASSFILE=$LAVA_INSTANCE/{DatabaseDescription.PasswordStore}; export PGPASSFILE",
            ]);
        holes["Creator"] = "";
        holes["Admin"] = database.AdminUser.Length > 0 ? ShellQuoting.Posix(database.AdminUser) : "";
        holes["CreateRole"] = database.AdminUser.Length > 0 ? Template("database-create-admin") : "";
        holes["PasswordPrefix"] = ShellQuoting.Posix(PasswordFile.Prefixes(database, database.Role).First());
        holes["Where"] = ShellQuoting.Posix($"'{database.Host}:{database.PortNumber}'");
        return
        [
            .. Clients(holes),
            GeneratedFile.Text(SetPassword, Template("set-password.sql") + "\n"),
            GeneratedFile.Text(DatabaseRecord.Path, DatabaseRecord.Of(database).ToText()),
        ];
    }

    private static IEnumerable<GeneratedFile> Clients(Dictionary<string, string> holes) =>
    [
        .. DatabasePrograms.ForUsers.Select(program => Client($"bin/{program}", program, "", holes)),
        // Whatever the caller's .psqlrc says, no question, and the exit code of a failed statement.
        Client(QueryScript, "psql", "-X -w -v ON_ERROR_STOP=1 ", holes),
        Script(DatabaseScript, "database", Finding("psql", holes)),
    ];

    private static Dictionary<string, string> Common(DatabaseDescription database, bool hasClient) => new(StringComparer.Ordinal)
    {
        ["Find"] = hasClient ? "database-find-own" : "database-find-host",
        ["Port"] = database.PortNumber.ToString(CultureInfo.InvariantCulture),
        ["Tls"] = database.TlsMode,
        ["Database"] = ShellQuoting.Posix(database.Name),
        ["Role"] = ShellQuoting.Posix(database.Role),
        ["MaintenanceDatabase"] = ShellQuoting.Posix(
            database.MaintenanceDatabase.Length > 0 ? database.MaintenanceDatabase : DatabaseDescription.DefaultMaintenanceDatabase),
        ["MinimumVersion"] = MinimumVersion(database),
        ["MinimumNumber"] = (DatabaseVersion.Number(MinimumVersion(database)) ?? 0).ToString(CultureInfo.InvariantCulture),
    };

    private static string[] Connection(DatabaseDescription database) =>
    [
        $"PGPORT={database.PortNumber.ToString(CultureInfo.InvariantCulture)}",
        $"PGUSER={ShellQuoting.Posix(database.Role)}",
        $"PGDATABASE={ShellQuoting.Posix(database.Name)}",
    ];

    private static string MinimumVersion(DatabaseDescription database) =>
        database.MinimumVersion.Length > 0 ? database.MinimumVersion : DatabaseDescription.DefaultMinimumVersion;

    private static GeneratedFile Client(string path, string program, string arguments, Dictionary<string, string> holes)
    {
        Dictionary<string, string> own = Finding(program, holes);
        own["Arguments"] = arguments;
        return Script(path, "database-client", own);
    }

    private static Dictionary<string, string> Finding(string program, Dictionary<string, string> holes)
    {
        Dictionary<string, string> own = new(holes, StringComparer.Ordinal) { ["Program"] = program };
        own["Find"] = Fill(holes["Find"], own).TrimEnd();
        return own;
    }

    private static GeneratedFile Script(string path, string template, Dictionary<string, string> holes)
    {
        Dictionary<string, string> own = new(holes, StringComparer.Ordinal)
        {
            ["Head"] = LauncherScripts.Head(path.Count(letter => letter == '/')),
            ["Environment"] = Fill("database-environment", holes).TrimEnd(),
        };
        own["Common"] = holes.ContainsKey("Major") ? Fill("database-common", holes).TrimEnd() : "";
        return GeneratedFile.Program(path, Fill(template, own));
    }

    private static string Fill(string template, Dictionary<string, string> holes) =>
        TextTemplate.Fill(TemplateResources.Read(template), holes.GetValueOrDefault, template);

    private static string Template(string name) => TemplateResources.Read(name).TrimEnd();

    // A string of postgresql.conf (its documentation, section 20.1.2).
    private static string Quoted(string value) =>
        $"'{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";

    // Shown by ps; the server takes printable ASCII only.
    private static string ForTitles(string name)
    {
        string plain = string.Concat(name.Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));
        return plain.Length > LongestClusterName ? plain[..LongestClusterName] : plain;
    }
}
