using Lava.Build.Databases;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Databases;

[TestClass]
public sealed class DatabaseChecksTests
{
    private static readonly DatabaseDescription Own = new() { Name = "lab", Location = new SourceLocation("/p/instance.proj", 7, 3) };
    private static readonly DatabaseDescription Other = Own with { Host = "db.example" };

    [TestMethod]
    public void What_is_right_has_no_problem()
    {
        Assert.AreEqual("", Check(Own));
        Assert.AreEqual("", Check(Own with { User = "ro\"le", Port = "5433", MinimumVersion = "9.6", Settings = Settings("work_mem", "1MB") }));
        Assert.AreEqual("", Check(Other, []));
        Assert.AreEqual("", Check(Other with { Host = "/run/postgresql", Tls = "Verify-Full", TlsRootCertificate = "etc/ca.pem", PasswordVariable = "SECRET" }, []));
        Assert.IsEmpty(DatabaseChecks.Check([], []));
    }

    [TestMethod]
    [DataRow("", "LAVA1080")]
    [DataRow("a\nb", "LAVA1080")]
    [DataRow("ÄÖÜäöüßÄÖÜäöüßÄÖÜäöüßÄÖÜäöüßÄÖÜä", "LAVA1080")]
    public void Names_that_PostgreSQL_cannot_have_are_told(string name, string code)
    {
        Assert.AreEqual(code, Check(Own with { Name = name, User = "role" }));
        Assert.AreEqual(name.Length == 0 ? "" : code, Check(Own with { User = name }));
        Assert.AreEqual(name.Length == 0 ? "" : code, Check(Other with { MaintenanceDatabase = name }));
    }

    [TestMethod]
    [DataRow("pg_own", true)]
    [DataRow("public", true)]
    [DataRow("none", true)]
    [DataRow("postgres", false)]
    public void Roles_that_are_reserved_are_told(string role, bool everywhere)
    {
        Assert.AreEqual("LAVA1080", Check(Own with { User = role }));
        Assert.AreEqual(everywhere ? "LAVA1080" : "", Check(Other with { User = role }));
    }

    [TestMethod]
    public void A_second_item_is_told_where_it_stands()
    {
        Problem problem = DatabaseChecks.Check([Other, Other with { Name = "more", Location = new SourceLocation("/p/instance.proj", 9, 3) }], []).Single();
        Assert.AreEqual("LAVA1081", problem.Code);
        Assert.AreEqual(9, problem.Location.Line);
        StringAssert.Contains(problem.Text, "'lab' and 'more'", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("Port", "0")]
    [DataRow("Port", "65536")]
    [DataRow("Port", "ssh")]
    [DataRow("Tls", "on")]
    [DataRow("MinimumVersion", "new")]
    [DataRow("MinimumVersion", "15.")]
    [DataRow("Host", "a,b")]
    [DataRow("Host", "a b")]
    [DataRow("PasswordVariable", "my password!")]
    public void Values_that_cannot_be_meant_are_told(string metadata, string value) =>
        Assert.AreEqual("LAVA1082", Check(With(Other, metadata, value)));

    [TestMethod]
    [DataRow("Tls", "require")]
    [DataRow("TlsRootCertificate", "etc/ca.pem")]
    [DataRow("PasswordFile", "secret")]
    [DataRow("PasswordVariable", "SECRET")]
    [DataRow("AdminUser", "admin")]
    [DataRow("MaintenanceDatabase", "other")]
    public void What_only_another_server_has_a_use_for_is_told(string metadata, string value)
    {
        Assert.AreEqual("LAVA1082", Check(With(Own, metadata, value)));
        Assert.AreEqual("", Check(With(Other, metadata, value)));
    }

    [TestMethod]
    public void A_password_has_one_source() => Assert.AreEqual("LAVA1082", Check(Other with { PasswordFile = "secret", PasswordVariable = "SECRET" }));

    [TestMethod]
    public void Components_of_both_parts_of_one_version_are_needed()
    {
        Assert.AreEqual("LAVA1083 LAVA1083", Check(Own, []));
        Assert.AreEqual("LAVA1083", Check(Own, ["postgresql-15"]));
        Assert.AreEqual("LAVA1083", Check(Own, ["postgresql-15", "postgresql-client-13"]));
        Assert.AreEqual("", Check(Own, ["postgresql-13", "postgresql-client-13", "postgresql-common", "postgresql-x"]));
    }

    [TestMethod]
    [DataRow("listen_addresses", "*")]
    [DataRow("Unix_Socket_Directories", "/tmp")]
    [DataRow("data_directory", "/")]
    [DataRow("work mem", "1")]
    [DataRow("work_mem", "1\n2")]
    [DataRow("work_mem=", "")]
    public void Settings_that_cannot_be_made_are_told(string name, string value) => Assert.AreEqual("LAVA1084", Check(Own with { Settings = Settings(name, value) }));

    [TestMethod]
    public void Settings_are_for_a_server_of_the_instances_own() => Assert.AreEqual("LAVA1084", Check(Other with { Settings = Settings("work_mem", "1MB") }));

    [TestMethod]
    [DataRow("11", 110_000)]
    [DataRow("13.4", 130_004)]
    [DataRow("9.6", 90_600)]
    public void Versions_are_numbered_as_PostgreSQL_does(string version, int number) => Assert.AreEqual(number, DatabaseVersion.Number(version));

    private static string Check(DatabaseDescription database, string[]? components = null) =>
        string.Join(' ', DatabaseChecks.Check([database], components ?? DatabaseInstance.Components).Select(problem => problem.Code));

    private static Dictionary<string, string> Settings(string name, string value) => new() { [name] = value };

    private static DatabaseDescription With(DatabaseDescription database, string metadata, string value) => metadata switch
    {
        "Port" => database with { Port = value },
        "Tls" => database with { Tls = value },
        "TlsRootCertificate" => database with { TlsRootCertificate = value },
        "MinimumVersion" => database with { MinimumVersion = value },
        "Host" => database with { Host = value },
        "PasswordFile" => database with { PasswordFile = value },
        "AdminUser" => database with { AdminUser = value },
        "PasswordVariable" => database with { PasswordVariable = value },
        _ => database with { MaintenanceDatabase = value },
    };
}
