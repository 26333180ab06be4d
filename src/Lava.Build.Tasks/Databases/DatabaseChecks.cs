using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;

namespace Lava.Build.Databases;

/// <summary>Everything about <c>LavaDatabase</c> that can be checked before anything is fetched or written.</summary>
public static partial class DatabaseChecks
{
    /// <summary>The bytes that PostgreSQL keeps of a name (NAMEDATALEN - 1).</summary>
    private const int LongestName = 63;
    private const int LastPort = 65_535;
    private static readonly string[] TlsModes = ["disable", "prefer", "require", "verify-ca", "verify-full"];

    // What the scripts of a release say themselves, as it depends on the place of the instance.
    private static readonly string[] OwnSettings =
    [
        "data_directory", "config_file", "hba_file", "ident_file", "external_pid_file", "listen_addresses", "port", "unix_socket_directories",
    ];

    // What each kind of server has no use for.
    private static readonly (string Name, Func<DatabaseDescription, string> Value)[] OnlyForServers =
    [
        ("Tls", database => database.Tls),
        ("TlsRootCertificate", database => database.TlsRootCertificate),
        ("PasswordFile", database => database.PasswordFile),
        ("PasswordVariable", database => database.PasswordVariable),
        ("MaintenanceDatabase", database => database.MaintenanceDatabase),
    ];

    /// <summary>All problems of the databases of a project (LAVA1080 to LAVA1084).</summary>
    /// <param name="databases">One for each item, though only one may be given.</param>
    /// <param name="components">The names of the project's components.</param>
    public static IReadOnlyList<Problem> Check(IReadOnlyList<DatabaseDescription> databases, IReadOnlyCollection<string> components)
    {
        List<Problem> problems = [];
        if (databases.Count > 1)
        {
            problems.Add(Problem.Error(Strings.SeveralDatabases, databases[1].Location, databases[0].Name, databases[1].Name));
        }

        foreach (DatabaseDescription database in databases)
        {
            CheckName(database, "Include", database.Name, "a database", problems);
            CheckName(database, "User", database.Role, "a role", problems);
            CheckName(database, "MaintenanceDatabase", database.MaintenanceDatabase, "a database", problems, optional: true);
            CheckValues(database, problems);
            if (database.IsEmbedded)
            {
                CheckEmbedded(database, components, problems);
            }
            else
            {
                CheckServer(database, problems);
            }
        }

        return problems;
    }

    private static void CheckName(
        DatabaseDescription database, string metadata, string name, string what, List<Problem> problems, bool optional = false)
    {
        string reason = name.Length == 0 ? (optional ? "" : "it is empty")
            : Encoding.UTF8.GetByteCount(name) > LongestName ? $"it has more than {LongestName} bytes"
            : name.Any(char.IsControl) ? "it has a control character"
            : what == "a role" && name.StartsWith("pg_", StringComparison.Ordinal) ? "names that start with pg_ are PostgreSQL's own"
            : what == "a role" && name is "public" or "none" ? "it is a word of SQL"
            : what == "a role" && database.IsEmbedded && name == DatabaseServices.Superuser ? "it is the superuser that the scripts work as"
            : "";
        if (reason.Length > 0)
        {
            problems.Add(Problem.Error(Strings.BadDatabaseName, database.Location, database.Name, metadata, name, what, reason));
        }
    }

    private static void CheckValues(DatabaseDescription database, List<Problem> problems)
    {
        void Bad(string metadata, string value, string rule) =>
            problems.Add(Problem.Error(Strings.BadDatabaseValue, database.Location, database.Name, metadata, value, rule));

        if (database.Port.Length > 0
            && !(int.TryParse(database.Port, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= LastPort))
        {
            Bad("Port", database.Port, $"a port is a number from 1 to {LastPort}");
        }

        if (database.Tls.Length > 0 && !TlsModes.Contains(database.Tls, StringComparer.OrdinalIgnoreCase))
        {
            Bad("Tls", database.Tls, $"it is one of {string.Join(", ", TlsModes)}");
        }

        if (database.MinimumVersion.Length > 0 && DatabaseVersion.Number(database.MinimumVersion) is null)
        {
            Bad("MinimumVersion", database.MinimumVersion, "a version is written like 13 or 13.4");
        }

        if (database.Host.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter) || letter == ','))
        {
            Bad("Host", database.Host, "it is one name, address or socket directory without blanks and commas");
        }

        if (database.PasswordVariable.Length > 0 && !VariablePattern().IsMatch(database.PasswordVariable))
        {
            Bad("PasswordVariable", database.PasswordVariable, "that cannot be the name of a variable; the password itself has no place in a project");
        }
    }

    private static void CheckEmbedded(DatabaseDescription database, IReadOnlyCollection<string> components, List<Problem> problems)
    {
        foreach ((string name, Func<DatabaseDescription, string> value) in OnlyForServers)
        {
            if (value(database) is { Length: > 0 } given)
            {
                problems.Add(Problem.Error(
                    Strings.BadDatabaseValue, database.Location, database.Name, name, given, "only a server with a Host has a use for it"));
            }
        }

        int? major = DatabaseVersion.Newest(components, DatabaseServices.ServerComponent);
        int wanted = major ?? DatabaseServices.UsualMajor;
        foreach (string missing in (string[])[$"{DatabaseServices.ServerComponent}{wanted}", $"{DatabaseServices.ClientComponent}{wanted}"])
        {
            if (!components.Contains(missing))
            {
                problems.Add(Problem.Error(
                    Strings.DatabaseProgramMissing, database.Location, database.Name, "its programs", $"the component {missing}"));
            }
        }

        CheckSettings(database, problems);
    }

    private static void CheckServer(DatabaseDescription database, List<Problem> problems)
    {
        if (database.PasswordFile.Length > 0 && database.PasswordVariable.Length > 0)
        {
            problems.Add(Problem.Error(
                Strings.BadDatabaseValue,
                database.Location,
                database.Name,
                "PasswordFile",
                database.PasswordFile,
                "PasswordVariable is given too; keep one of them"));
        }

        if (database.Settings.Count > 0)
        {
            problems.Add(Problem.Error(
                Strings.BadDatabaseSetting,
                database.Location,
                database.Name,
                database.Settings.Keys.First(),
                "is for a server of the instance's own, and Host names another. Make it there"));
        }
    }

    private static void CheckSettings(DatabaseDescription database, List<Problem> problems)
    {
        foreach ((string name, string value) in database.Settings)
        {
            string reason = !SettingPattern().IsMatch(name) ? "is no name of PostgreSQL's; write name=value, separated by semicolons"
                : OwnSettings.Contains(name, StringComparer.OrdinalIgnoreCase) ? "is decided by where the instance stands. Remove it"
                : value.Any(char.IsControl) ? "has a control character in its value. Remove it"
                : "";
            if (reason.Length > 0)
            {
                problems.Add(Problem.Error(Strings.BadDatabaseSetting, database.Location, database.Name, name, reason));
            }
        }
    }

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?\z")]
    private static partial Regex SettingPattern();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariablePattern();
}
