using Lava.Build.Databases;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

[TestClass]
public sealed class PasswordStoreTests
{
    private const string Secret = "a:b\\c 'd\" é";
    private const string Admin = "# Lava.Build: the next line is AdminUser's, until a start without it.\ndb.example:5433:*:admin:s\\:t\n";
    private static readonly DatabaseDescription Database = new() { Name = "lab", User = "ro:le", Host = "db.example", Port = "5433" };

    [TestMethod]
    public void The_file_is_as_libpq_reads_it()
    {
        Assert.AreEqual("db.example:5433:*:ro\\:le:a\\:b\\\\c 'd\" é\n", Text(Database, Secret));
        Assert.AreEqual("\\:\\:1:5433:*:ro\\:le:x\n", Text(Database with { Host = "::1" }, "x"));
        Assert.AreEqual("/run/pg:5433:*:ro\\:le:x\nlocalhost:5433:*:ro\\:le:x\n", Text(Database with { Host = "/run/pg" }, "x"));
    }

    [TestMethod]
    [DataRow("a:b\\c 'd\" é\n")]
    [DataRow("a:b\\c 'd\" é\r\n")]
    [DataRow("a:b\\c 'd\" é")]
    public async Task A_password_of_a_file_is_kept_for_the_owner_only(string content)
    {
        using TemporaryDirectory directory = new();
        WriteSecret(directory, "secret", content);
        await StoreAsync(directory, Database with { PasswordFile = "secret" });
        Assert.AreEqual(Text(Database, Secret), await File.ReadAllTextAsync(Kept(directory)));
        Assert.AreEqual(AtomicFile.PrivateMode, File.GetUnixFileMode(Kept(directory)));
    }

    [TestMethod]
    public async Task A_password_of_a_variable_is_kept_and_need_not_be_given_again()
    {
        using TemporaryDirectory directory = new();
        DatabaseDescription database = Database with { PasswordVariable = "SECRET" };
        await StoreAsync(directory, database, ("SECRET", Secret));
        string kept = await File.ReadAllTextAsync(Kept(directory));
        Assert.AreEqual(Text(Database, Secret), kept);
        await StoreAsync(directory, database);
        Assert.AreEqual(kept, await File.ReadAllTextAsync(Kept(directory)));
        await StoreAsync(directory, database, ("SECRET", "new"));
        Assert.AreEqual(Text(Database, "new"), await File.ReadAllTextAsync(Kept(directory)));
    }

    [TestMethod]
    public async Task An_administrators_password_is_kept_for_one_start()
    {
        using TemporaryDirectory directory = new();
        DatabaseDescription database = Database with { PasswordVariable = "SECRET", AdminUser = "admin", AdminPasswordVariable = "ADMIN" };
        await StoreAsync(directory, database, ("SECRET", Secret), ("ADMIN", "s:t"));
        Assert.AreEqual(Text(Database, Secret) + Admin, await File.ReadAllTextAsync(Kept(directory)));
        await StoreAsync(directory, database);
        Assert.AreEqual(Text(Database, Secret), await File.ReadAllTextAsync(Kept(directory)));
        await StoreAsync(directory, database, ("ADMIN", "s:t"));
        Assert.AreEqual(Text(Database, Secret) + Admin, await File.ReadAllTextAsync(Kept(directory)));
        await StoreAsync(directory, Database);
        Assert.AreEqual(Text(Database, Secret), await File.ReadAllTextAsync(Kept(directory)));
    }

    [TestMethod]
    public async Task Lines_that_an_admin_wrote_stay()
    {
        using TemporaryDirectory directory = new();
        const string Own = "# mine\nother:5432:*:me:x\ndb.example:5433:*:admin:mine\n\n";
        Directory.CreateDirectory(Path.GetDirectoryName(Kept(directory))!);
        await File.WriteAllTextAsync(Kept(directory), Own);
        DatabaseDescription database = Database with { PasswordVariable = "SECRET", AdminUser = "admin", AdminPasswordVariable = "ADMIN" };
        await StoreAsync(directory, database, ("SECRET", Secret), ("ADMIN", "s:t"));
        Assert.AreEqual(Text(Database, Secret) + Admin + Own, await File.ReadAllTextAsync(Kept(directory)));
        await StoreAsync(directory, Database);
        Assert.AreEqual(Text(Database, Secret) + Own, await File.ReadAllTextAsync(Kept(directory)));
        // Nothing is given and nothing is too much: whatever it is like, it stays so.
        DateTime written = File.GetLastWriteTimeUtc(Kept(directory));
        await StoreAsync(directory, Database);
        Assert.AreEqual(written, File.GetLastWriteTimeUtc(Kept(directory)));
    }

    [TestMethod]
    public async Task A_file_that_stood_open_is_closed()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(Path.GetDirectoryName(Kept(directory))!);
        await File.WriteAllTextAsync(Kept(directory), "old");
        File.SetUnixFileMode(Kept(directory), AtomicFile.PublicMode);
        await StoreAsync(directory, Database with { PasswordVariable = "SECRET" }, ("SECRET", "x"));
        Assert.AreEqual(AtomicFile.PrivateMode, File.GetUnixFileMode(Kept(directory)));
    }

    [TestMethod]
    public async Task A_password_that_cannot_be_had_is_told_and_never_shown()
    {
        using TemporaryDirectory directory = new();
        WriteSecret(directory, "empty", "\n");
        WriteSecret(directory, "lines", "hush\nhush\n");
        WriteSecret(directory, "open", "hush\n", AtomicFile.PublicMode);
        WriteSecret(directory, "bytes", "");
        File.WriteAllBytes(Path.Combine(directory.Path, "bytes"), [0x68, 0xFF, 0xFE]);
        foreach ((DatabaseDescription database, string reason) in new[]
        {
            (Database with { PasswordFile = "missing" }, "it does not exist"),
            (Database with { PasswordFile = "open" }, "it is open to other users"),
            (Database with { PasswordFile = "empty" }, "it is empty"),
            (Database with { PasswordFile = "lines" }, "it has several lines"),
            (Database with { PasswordFile = "bytes" }, "it is no text"),
            (Database with { PasswordVariable = "UNSET" }, "it is not set"),
            (Database with { PasswordVariable = "EMPTY" }, "it is empty"),
            (Database with { PasswordVariable = "LINES" }, "it has several lines"),
        })
        {
            LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
                () => StoreAsync(directory, database, ("EMPTY", ""), ("LINES", "hush\nhush")));
            Assert.AreEqual("LAVA5038", failure.Problems.Single().Code);
            StringAssert.Contains(failure.Message, reason, StringComparison.Ordinal);
            Assert.IsFalse(failure.Message.Contains("hush", StringComparison.Ordinal));
        }

        Assert.IsFalse(File.Exists(Kept(directory)));
    }

    [TestMethod]
    public async Task Root_gives_the_file_to_the_user_of_the_instance()
    {
        if (!OrdinaryUser.IsRoot)
        {
            Assert.Inconclusive("Only root can give files away.");
        }

        using TemporaryDirectory directory = new();
        await StoreAsync(directory, Database with { PasswordVariable = "SECRET" }, SystemUser.Find("daemon"), ("SECRET", "x"));
        Assert.AreEqual("daemon:daemon 600\n", await Run.OutputAsync("stat", ["-c", "%U:%G %a", Kept(directory)]));
    }

    [TestMethod]
    public async Task An_instance_with_a_server_of_its_own_keeps_no_password()
    {
        using TemporaryDirectory directory = new();
        await StoreAsync(directory, new DatabaseDescription { Name = "lab" });
        await StoreAsync(directory, Database);
        Assert.IsFalse(Directory.Exists(Path.GetDirectoryName(Kept(directory))));
    }

    private static void WriteSecret(TemporaryDirectory directory, string name, string content, UnixFileMode mode = AtomicFile.PrivateMode)
    {
        string path = Path.Combine(directory.Path, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);
    }

    private static string Text(DatabaseDescription database, string password) =>
        string.Concat(PasswordFile.Lines(database, database.Role, password).Select(line => line + "\n"));

    private static string Kept(TemporaryDirectory directory) => Path.Combine(directory.Path, "instance", DatabaseDescription.PasswordStore);

    private static Task StoreAsync(TemporaryDirectory directory, DatabaseDescription database, params (string Name, string Value)[] variables) =>
        StoreAsync(directory, database, null, variables);

    private static Task StoreAsync(
        TemporaryDirectory directory, DatabaseDescription database, RunAs? owner, params (string Name, string Value)[] variables) =>
        new PasswordStore(
            new InstanceLayout(Path.Combine(directory.Path, "instance")),
            new HostEnvironment(directory.Path, variables.ToDictionary(variable => variable.Name, variable => variable.Value)))
            .StoreAsync(database, owner, CancellationToken.None);
}
