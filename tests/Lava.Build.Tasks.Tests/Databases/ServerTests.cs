using System.Globalization;
using Lava.Build.Databases;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>An existing server: what is missing is made, and each thing that is wrong is told by its real cause.</summary>
[TestClass]
public sealed partial class ServerTests
{
    private const string Admission = """
        host     all         refused   127.0.0.1/32  reject
        hostssl  onlytls     all       127.0.0.1/32  scram-sha-256
        host     all         untrusted 127.0.0.1/32  ident map=none
        host     all         all       127.0.0.1/32  scram-sha-256
        """;

    private static readonly string[] ClientOnly = ["postgresql-client-15"];
    private static ExistingServer? _server;

    private static ExistingServer Server => _server!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => _server = await ExistingServer.StartAsync(Admission);

    [ClassCleanup]
    public static async Task StopAsync() => await Server.DisposeAsync();

    [TestMethod]
    public async Task A_missing_database_is_created_once_by_a_role_that_may()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "fresh", User = "admin", Host = "127.0.0.1" });
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("admin|UTF8", await Server.AskAsync("SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'fresh'"));
        Assert.AreEqual("fresh|admin", await instance.AskAsync("SELECT current_database(), current_user"));
    }

    [TestMethod]
    [DataRow("new \"one\" $x :role")]
    [DataRow("begun")]
    public async Task A_missing_role_is_created_by_an_administrator_and_gets_its_password(string role)
    {
        if (role == "begun")
        {
            // As a run that was killed leaves it.
            await Server.AskAsync("CREATE ROLE begun NOLOGIN");
            await Server.AskAsync("GRANT begun TO admin");
        }

        DatabaseDescription database = new() { Name = role + " db", User = role, Host = "127.0.0.1", AdminUser = "admin", AdminPasswordVariable = "SECRET" };
        using DatabaseInstance instance = await MakeAsync(database);
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("t|f|f", await Server.AskAsync($"SELECT rolcanlogin, rolsuper, rolcreatedb FROM pg_roles WHERE rolname = '{role}'"));
        // Without the administrator from then on.
        using DatabaseInstance later = await MakeAsync(database with { AdminUser = "", AdminPasswordVariable = "" });
        Assert.AreEqual("", await later.DatabaseAsync());
        Assert.AreEqual($"{role} db|{role}", await later.AskAsync("SELECT current_database(), current_user"));
        // The password of a role that is there is never changed.
        using DatabaseInstance wrong = await MakeAsync(database);
        string kept = wrong.At(DatabaseDescription.PasswordStore);
        string[] lines = await File.ReadAllLinesAsync(kept);
        await File.WriteAllLinesAsync(kept, [lines[0] + "x", .. lines[1..]]);
        Assert.StartsWith($"1: LAVA5041: The database server '127.0.0.1:{Server.Port}' refuses the password of the role '{role}'", await wrong.DatabaseAsync());
        Assert.AreEqual("", await later.DatabaseAsync());
    }

    [TestMethod]
    public async Task An_administrator_who_is_none_is_told()
    {
        await MakeRoleAsync("clerk");
        DatabaseDescription database = new() { Name = "ofclerk", User = "nobody yet", Host = "127.0.0.1", AdminUser = "clerk", AdminPasswordVariable = "SECRET" };
        using DatabaseInstance powerless = await MakeAsync(database);
        string said = await powerless.DatabaseAsync();
        Assert.StartsWith("1: LAVA5046: ", said);
        Assert.Contains("the role 'clerk' cannot create it: ERROR:  42501: permission denied to create role. ", said);
        Assert.EndsWith("run: CREATE ROLE \"nobody yet\" LOGIN PASSWORD '...'; CREATE DATABASE \"ofclerk\" OWNER \"nobody yet\" TEMPLATE template0 ENCODING 'UTF8';\n", said);
        using DatabaseInstance wrong = await MakeAsync(database with { AdminUser = "no such admin" });
        Assert.StartsWith($"1: LAVA5041: The database server '127.0.0.1:{Server.Port}' refuses the password of the role 'no such admin'", await wrong.DatabaseAsync());
    }

    [TestMethod]
    public async Task Several_first_runs_at_once_all_end_well()
    {
        DatabaseDescription database = new() { Name = "contended \"one\"", User = "admin", Host = "127.0.0.1" };
        using DatabaseInstance instance = await MakeAsync(database);
        string[] said = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => instance.DatabaseAsync()));
        Assert.AreEqual("", string.Concat(said));
    }

    [TestMethod]
    public async Task Without_components_of_its_own_a_release_uses_the_psql_of_the_host()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "hosted", User = "admin", Host = "127.0.0.1" }, components: []);
        Assert.IsEmpty(instance.Parts.Programs);
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("hosted", await instance.AskAsync("SELECT current_database()"));
    }

    [TestMethod]
    public async Task Without_any_psql_that_is_said()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "hosted", User = "admin", Host = "127.0.0.1" }, components: []);
        Ran ran = await MountSpace.RunAsync("""
            mkdir "$1"/empty
            mount --bind "$1"/empty /usr/lib/postgresql
            if [ -e /usr/bin/psql ]; then mount --bind /dev/null /usr/bin/psql; fi
            as "$2"/libexec/lava-build/database
            """, instance);
        Assert.AreEqual(1, ran.ExitCode, ran.Error);
        Assert.StartsWith("LAVA5039: The program 'psql' is needed to talk to the database server", ran.Error);
    }

    [TestMethod]
    public async Task Variables_of_the_caller_lead_to_no_other_server()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "callers", User = "admin", Host = "127.0.0.1" });
        Dictionary<string, string?> variables = new()
        {
            ["PGHOST"] = "nowhere.invalid",
            ["PGHOSTADDR"] = "127.0.0.2",
            ["PGPORT"] = "1",
            ["PGUSER"] = "x",
            ["PGDATABASE"] = "x",
            ["PGPASSWORD"] = "x",
            ["PGPASSFILE"] = "/dev/null",
            ["PGSSLMODE"] = "verify-full",
            ["PGSSLROOTCERT"] = "/nowhere",
            ["PGSERVICE"] = "x",
            ["PGOPTIONS"] = "-c x",
            ["LC_ALL"] = "de_DE.UTF-8",
        };
        Ran ran = await instance.RunAsync(variables, DatabaseFiles.DatabaseScript);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
    }

    [TestMethod]
    public async Task A_wrong_password_is_told_and_not_shown()
    {
        DatabaseDescription database = new() { Name = "any", User = "admin", Host = "127.0.0.1" };
        using DatabaseInstance instance = await MakeAsync(database, password: "wrong-" + ExistingServer.Password);
        string said = await instance.DatabaseAsync();
        Assert.StartsWith($"1: LAVA5041: The database server '127.0.0.1:{Server.Port}' refuses the password of the role 'admin'", said);
        Assert.DoesNotContain("wrong-", said);
    }

    [TestMethod]
    public async Task A_missing_password_is_told()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "any", User = "admin", Host = "127.0.0.1" }, password: null);
        Assert.StartsWith($"1: LAVA5041: The database server '127.0.0.1:{Server.Port}' asks for a password of the role 'admin'", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_role_that_may_not_create_the_database_gets_the_line_for_an_administrator()
    {
        await MakeRoleAsync("modest");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "be\"yond", User = "modest", Host = "127.0.0.1" });
        string said = await instance.DatabaseAsync();
        Assert.StartsWith($"1: LAVA5046: The database 'be\"yond' does not exist on the database server '127.0.0.1:{Server.Port}', and the role 'modest' cannot create it: ", said);
        string line = said[(said.IndexOf("run: ", StringComparison.Ordinal) + 5)..].Trim();
        Assert.AreEqual("CREATE DATABASE \"be\"\"yond\" OWNER \"modest\" TEMPLATE template0 ENCODING 'UTF8';", line);
        // What it says cures it.
        await Server.AskAsync(line);
        Assert.AreEqual("", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_role_that_may_create_no_tables_gets_the_line_for_an_administrator()
    {
        await MakeRoleAsync("guest");
        await Server.AskAsync("CREATE DATABASE foreign_one");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "foreign_one", User = "guest", Host = "127.0.0.1" });
        string said = await instance.DatabaseAsync();
        Assert.StartsWith("1: LAVA5046: The role 'guest' may create no tables in the database 'foreign_one'", said);
        await Server.AskAsync(said[(said.IndexOf("run: ", StringComparison.Ordinal) + 5)..].Trim());
        Assert.AreEqual("", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_database_for_maintenance_that_does_not_admit_leaves_the_line_for_an_administrator()
    {
        await MakeRoleAsync("walled");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "behind", User = "walled", Host = "127.0.0.1", MaintenanceDatabase = "nowhere" });
        string said = await instance.DatabaseAsync();
        Assert.StartsWith("1: LAVA5046: The database 'behind' does not exist", said);
        Assert.Contains("database \"nowhere\" does not exist", said);
    }

    [TestMethod]
    public async Task Another_encoding_is_told()
    {
        await MakeRoleAsync("latin");
        await Server.AskAsync("CREATE DATABASE latin OWNER latin TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "latin", Host = "127.0.0.1" });
        Assert.StartsWith("1: LAVA5046: The database 'latin' on the database server", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_role_that_is_not_there_or_may_not_log_in_is_told()
    {
        await using ExistingServer trusting = await ExistingServer.StartAsync("host all all 127.0.0.1/32 trust");
        await trusting.AskAsync("CREATE ROLE \"no login\"");
        using DatabaseInstance missing = await MakeAsync(new DatabaseDescription { Name = "any", User = "ghost", Host = "127.0.0.1" }, server: trusting);
        Assert.StartsWith($"1: LAVA5042: The database server '127.0.0.1:{trusting.Port}' has no role 'ghost'.", await missing.DatabaseAsync());
        using DatabaseInstance barred = await MakeAsync(new DatabaseDescription { Name = "any", User = "no login", Host = "127.0.0.1" }, server: trusting);
        string said = await barred.DatabaseAsync();
        Assert.StartsWith("1: LAVA5042: ", said);
        Assert.EndsWith("ALTER ROLE \"no login\" LOGIN;\n", said);
    }

    [TestMethod]
    [DataRow("any", "refused", "disable")]
    [DataRow("any", "untrusted", "disable")]
    public async Task A_refusal_of_pg_hba_is_told(string name, string role, string tls)
    {
        await MakeRoleAsync(role);
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = name, User = role, Host = "127.0.0.1", Tls = tls });
        Assert.StartsWith($"1: LAVA5043: The database server '127.0.0.1:{Server.Port}' does not admit the role '{role}' to the database '{name}' from here: ", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_role_without_the_right_to_connect_is_told()
    {
        await MakeRoleAsync("outsider");
        await Server.AskAsync("CREATE DATABASE closed");
        await Server.AskAsync("REVOKE CONNECT ON DATABASE closed FROM PUBLIC");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "closed", User = "outsider", Host = "127.0.0.1" });
        Assert.StartsWith("1: LAVA5043: ", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task Steps_are_due_again_in_a_database_that_was_made_anew()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "renewed", User = "admin", Host = "127.0.0.1" });
        Assert.AreEqual("", await instance.DatabaseAsync());
        string record = instance.At("var/steps/upgrade-database");
        await File.WriteAllTextAsync(record, DatabaseInstance.Release);
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.IsTrue(File.Exists(record));
        await Server.AskAsync("DROP DATABASE renewed");
        await Server.AskAsync("CREATE DATABASE renewed OWNER admin TEMPLATE template0 ENCODING 'UTF8'");
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.IsFalse(File.Exists(record));
    }

    [TestMethod]
    public async Task A_server_that_hides_its_cluster_can_be_used()
    {
        await Server.AskAsync("CREATE DATABASE discreet OWNER admin TEMPLATE template0 ENCODING 'UTF8'");
        await Server.AskAsync("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC", "discreet");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "discreet", User = "admin", Host = "127.0.0.1" });
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.StartsWith("0/", await File.ReadAllTextAsync(instance.At("var/steps/database")));
    }

    [TestMethod]
    public async Task TLS_is_spoken_and_the_certificate_checked_as_asked()
    {
        DatabaseDescription database = new() { Name = "onlytls", User = "admin", Host = "localhost", TlsRootCertificate = Server.Authority };
        using DatabaseInstance trusted = await MakeAsync(database);
        Assert.AreEqual("", await trusted.DatabaseAsync());
        Assert.AreEqual("t", await trusted.AskAsync("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"));

        foreach ((DatabaseDescription wrong, string reason) in new[]
        {
            (database with { TlsRootCertificate = Server.Stranger }, "certificate verify failed"),
            (database with { Host = "127.0.0.1" }, "does not match host name"),
            (database with { TlsRootCertificate = "etc/nowhere.pem" }, "does not exist"),
            (database with { TlsRootCertificate = "", Tls = "verify-full" }, "certificate verify failed"),
        })
        {
            using DatabaseInstance instance = await MakeAsync(wrong);
            string said = await instance.DatabaseAsync();
            Assert.StartsWith($"1: LAVA5044: The connection to the database server '{wrong.Host}:{Server.Port}' cannot be made as Tls=verify-full asks: ", said);
            Assert.Contains(reason, said);
        }
    }

    [TestMethod]
    public async Task A_server_without_TLS_is_told_where_it_is_required()
    {
        await using ExistingServer plain = await ExistingServer.StartAsync(Admission, "ssl = off");
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "any", User = "admin", Host = "127.0.0.1", Tls = "require" }, server: plain);
        Assert.StartsWith($"1: LAVA5044: The connection to the database server '127.0.0.1:{plain.Port}' cannot be made as Tls=require asks: ", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_server_that_is_too_old_is_told_with_both_versions_and_left_alone()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "future", User = "admin", Host = "127.0.0.1", MinimumVersion = "16.1" });
        string said = await instance.DatabaseAsync();
        Assert.StartsWith($"1: LAVA5045: The database server '127.0.0.1:{Server.Port}' is PostgreSQL 15.", said);
        Assert.Contains("at least 16.1 is needed", said);
        Assert.AreEqual("0", await Server.AskAsync("SELECT count(*) FROM pg_database WHERE datname = 'future'"));
    }

    [TestMethod]
    public async Task A_server_without_a_free_connection_is_told()
    {
        await using ExistingServer small = await ExistingServer.StartAsync(Admission, "max_connections = 4\nsuperuser_reserved_connections = 1\nmax_wal_senders = 0");
        DatabaseDescription database = new() { Name = "any", User = "admin", Host = "127.0.0.1" };
        using DatabaseInstance instance = await MakeAsync(database, server: small);
        await using ServerProcess one = await small.OccupyAsync();
        await using ServerProcess two = await small.OccupyAsync();
        await using ServerProcess three = await small.OccupyAsync();
        Assert.StartsWith($"1: LAVA5047: The database server '127.0.0.1:{small.Port}' takes no more connections: ", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_standby_is_told_with_a_database_and_without()
    {
        await using ExistingServer primary = await ExistingServer.StartAsync(Admission);
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "copied", User = "admin", Host = "127.0.0.1" }, server: primary);
        Assert.AreEqual("", await instance.DatabaseAsync());
        await using ExistingServer standby = await primary.StandbyAsync(Admission);
        using DatabaseInstance known = await MakeAsync(new DatabaseDescription { Name = "copied", User = "admin", Host = "127.0.0.1" }, server: standby);
        Assert.StartsWith($"1: LAVA5048: The database server '127.0.0.1:{standby.Port}' is read-only", await known.DatabaseAsync());
        using DatabaseInstance unknown = await MakeAsync(new DatabaseDescription { Name = "more", User = "admin", Host = "127.0.0.1" }, server: standby);
        Assert.StartsWith($"1: LAVA5048: The database server '127.0.0.1:{standby.Port}' is read-only", await unknown.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_server_that_speaks_another_language_is_understood_where_something_can_be_done()
    {
        await using ExistingServer server = await ExistingServer.StartAsync(Admission, language: "de_DE");
        DatabaseDescription database = new() { Name = "neu", User = "admin", Host = "127.0.0.1" };
        using DatabaseInstance wrong = await MakeAsync(database, server: server, password: "falsch");
        string said = await wrong.DatabaseAsync();
        Assert.StartsWith($"1: LAVA5049: The database server '127.0.0.1:{server.Port}' refuses: ", said);
        Assert.Contains("Passwort", said);
        using DatabaseInstance instance = await MakeAsync(database, server: server);
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("admin", await server.AskAsync("SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'neu'"));
    }

    [TestMethod]
    public async Task The_password_is_in_no_command_line_and_in_no_output()
    {
        using DatabaseInstance instance = await MakeAsync(new DatabaseDescription { Name = "secretive", User = "admin", Host = "127.0.0.1" });
        // Whatever psql is given, by its arguments or variables.
        string psql = instance.InRelease("libexec/lava-build/postgresql/psql");
        string seen = instance.At("tmp/seen");
        string real = await File.ReadAllTextAsync(psql);
        File.SetUnixFileMode(psql, (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(psql, real.Replace("exec ", $"cat /proc/$$/cmdline /proc/$$/environ >> '{seen}'\nexec ", StringComparison.Ordinal));
        Ran ran = await instance.RunAsync(DatabaseFiles.DatabaseScript);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
        string all = ran.Output + ran.Error + await File.ReadAllTextAsync(seen)
            + string.Concat(Directory.GetFiles(instance.InRelease(""), "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.Contains("secretive", all);
        Assert.DoesNotContain("pass:word", all);
        Assert.DoesNotContain("pass\\:word", all);
        Assert.AreEqual(AtomicFile.PrivateMode, File.GetUnixFileMode(instance.At(DatabaseDescription.PasswordStore)));
    }

    private static async Task<DatabaseInstance> MakeAsync(
        DatabaseDescription database, string? password = ExistingServer.Password, ExistingServer? server = null, string[]? components = null)
    {
        database = database with { Port = Number((server ?? Server).Port), PasswordVariable = password is null ? "" : "SECRET" };
        DatabaseInstance instance = await DatabaseInstance.MakeAsync(database, components: components ?? ClientOnly);
        if (password is not null)
        {
            HostEnvironment host = new("/", new Dictionary<string, string> { ["SECRET"] = password });
            await new PasswordStore(new InstanceLayout(instance.Root), host).StoreAsync(database, null, CancellationToken.None);
            await OrdinaryUser.OwnAsync(instance.At("etc"));
        }

        return instance;
    }

    private static Task<string> MakeRoleAsync(string name) =>
        Server.AskAsync($"CREATE ROLE \"{name}\" LOGIN PASSWORD '{ExistingServer.Password.Replace("'", "''", StringComparison.Ordinal)}'");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
