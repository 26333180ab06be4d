using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Instances;

[TestClass]
public sealed class InstanceFilesTests
{
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);

    [TestMethod]
    public void The_instances_own_directories_are_made()
    {
        using TemporaryDirectory directory = new();
        Make(directory).MakeDirectories([]);
        CollectionAssert.AreEqual(
            new[] { "etc", "run", "tmp", "var" },
            Directory.GetDirectories(directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
    }

    [TestMethod]
    public void A_directory_has_the_mode_that_is_meant_and_one_that_is_there_keeps_its_own()
    {
        using TemporaryDirectory directory = new();
        const UnixFileMode Wide = (UnixFileMode)0b111_111_111;
        const UnixFileMode Narrow = (UnixFileMode)0b111_000_000;
        string path = Path.Combine(directory.Path, "var/a/b");
        Make(directory).MakeDirectories([new DirectoryPart("var/a/b", Wide, Location)]);
        Assert.AreEqual(Wide, File.GetUnixFileMode(path));
        File.WriteAllText(Path.Combine(path, "data"), "");
        Make(directory).MakeDirectories([new DirectoryPart("var/a/b", Narrow, Location)]);
        Assert.AreEqual(Wide, File.GetUnixFileMode(path));
        Assert.HasCount(1, Directory.GetFiles(path));
    }

    [TestMethod]
    public void A_link_to_a_directory_elsewhere_will_do()
    {
        using TemporaryDirectory directory = new();
        string elsewhere = Directory.CreateDirectory(Path.Combine(directory.Path, "elsewhere")).FullName;
        File.CreateSymbolicLink(Path.Combine(directory.Path, "var"), elsewhere);
        Make(directory).MakeDirectories([new DirectoryPart("var/log", UnixFileMode.UserRead, Location)]);
        Assert.IsTrue(Directory.Exists(Path.Combine(elsewhere, "log")));
    }

    [TestMethod]
    public void Of_what_killed_builds_left_beside_directories_only_those_without_a_name_go()
    {
        using TemporaryDirectory directory = new();
        string applications = Path.Combine(directory.Path, "var/data", $"file.{new string('a', 32)}.tmp");
        string[] left = [.. (string[])["var", "var/data"], .. (string[])["etc"]];
        Make(directory).MakeDirectories([new DirectoryPart("var/data/deep", AtomicFile.PublicMode, Location)]);
        File.WriteAllText(applications, "");
        File.SetLastWriteTimeUtc(applications, DateTime.UnixEpoch);
        foreach (string place in left)
        {
            Directory.CreateDirectory(AtomicFile.TemporaryDirectory(Path.Combine(directory.Path, place, "new")));
        }

        Make(directory).DeleteLeftovers([], ["var/data/deep"]);
        CollectionAssert.AreEqual(
            (string[])[applications],
            Directory.GetFileSystemEntries(directory.Path, "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }));
    }

    [TestMethod]
    public async Task A_secret_is_made_once_and_only_its_owner_reads_it()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "etc/app/key");
        RecordingLog log = new();
        InstanceFiles files = new(new InstanceLayout(directory.Path), log);
        files.MakeSecrets([new SecretPart("etc/app/key", 50, Location), new SecretPart("etc/other", 50, Location)], CancellationToken.None);
        string secret = await File.ReadAllTextAsync(path);
        Assert.MatchesRegex("\\A[A-Za-z0-9]{50}\\n\\z", secret);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.AreNotEqual(secret, await File.ReadAllTextAsync(Path.Combine(directory.Path, "etc/other")));
        Assert.DoesNotContain(secret.Trim(), string.Join('\n', log.Lines));

        files.MakeSecrets([new SecretPart("etc/app/key", 80, Location)], CancellationToken.None);
        Assert.AreEqual(secret, await File.ReadAllTextAsync(path));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("the admin's own")]
    public async Task A_secret_of_the_admins_is_kept(string text)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "key");
        await File.WriteAllTextAsync(path, text);
        Make(directory).MakeSecrets([new SecretPart("key", 50, Location)], CancellationToken.None);
        Assert.AreEqual(text, await File.ReadAllTextAsync(path));
    }

    [TestMethod]
    public async Task A_link_in_a_secrets_place_is_kept_even_where_it_leads_nowhere_now()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "key");
        File.CreateSymbolicLink(path, "/not/mounted");
        Make(directory).MakeSecrets([new SecretPart("key", 50, Location)], CancellationToken.None);
        Assert.AreEqual("/not/mounted", new FileInfo(path).LinkTarget);
    }

    [TestMethod]
    public async Task What_the_description_does_not_call_private_is_open_to_all_whatever_the_umask()
    {
        using TemporaryDirectory directory = new();
        (string program, string[] arguments) = HelperProgram.CommandLine("make-instance", directory.Path);
        await Run.OutputAsync("sh", ["-c", "umask 077; exec \"$@\"", "sh", program, .. arguments]);
        string modes = await Run.OutputAsync("sh", ["-c", "cd \"$1\" && find etc ! -type l -printf '%m %p\\n' | LC_ALL=C sort -k 2", "sh", directory.Path]);
        Assert.AreEqual(
            "755 etc\n755 etc/link\n755 etc/open\n700 etc/open/closed\n755 etc/secret\n600 etc/secret/key\n755 etc/web\n755 etc/web/sites\n644 etc/web/sites/lava.conf\n",
            modes);
    }

    [TestMethod]
    public async Task What_lies_in_another_users_directory_is_made_as_that_user_and_no_link_leads_root_out_of_it()
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Only root makes what belongs to others.");
        }

        using TemporaryDirectory directory = new();
        using TemporaryDirectory elsewhere = new();
        const UnixFileMode Passable = (UnixFileMode)0b111_101_101;
        File.SetUnixFileMode(directory.Path, Passable);
        File.SetUnixFileMode(elsewhere.Path, Passable);
        File.WriteAllText(Path.Combine(elsewhere.Path, "shadow"), "");
        RunAs nobody = SystemUser.Find("nobody")!;
        InstanceLayout layout = new(directory.Path);
        Directory.CreateDirectory(layout.Code);
        Make(directory).MakeDirectories([]);
        foreach (string own in (string[])["run", "tmp", "var"])
        {
            Posix.SetOwner(Path.Combine(layout.Root, own), nobody.Uid, nobody.Gid);
        }

        Make(directory).MakeDirectories([new DirectoryPart("var/a/b", (UnixFileMode)0b111_000_000, Location), new DirectoryPart("etc/c", Passable, Location)]);
        Make(directory).MakeSecrets([new SecretPart("var/s/key", 50, Location)], CancellationToken.None);
        await new ConfigurationFiles(layout, new RecordingLog()).WriteAsync([new ConfigurationFile("var/f/file", "", AtomicFile.PublicMode)], CancellationToken.None);
        await new InstanceLinks(layout, new RecordingLog()).MakeAsync([new LinkPart("var/l/link", "var/a", Location)], CancellationToken.None);
        string[] made = ["var/a", "var/a/b", "var/s", "var/s/key", "var/f", "var/f/file", "var/l", "var/l/link"];
        Assert.AreEqual("", string.Join(' ', made.Where(path => FileStatus.Of(Path.Combine(layout.Root, path))!.Value.Owner != nobody.Uid)));
        Assert.AreEqual(0u, FileStatus.Of(Path.Combine(layout.Root, "etc/c"))!.Value.Owner);

        Directory.CreateSymbolicLink(Path.Combine(layout.Root, "var/planted"), elsewhere.Path);
        DirectoryPart[] through = [new DirectoryPart("var/planted/tmp", Passable, Location)];
        Assert.AreEqual(Posix.EACCES, Assert.ThrowsExactly<IOException>(() => Make(directory).MakeDirectories(through)).HResult);
        Assert.ThrowsExactly<UnauthorizedAccessException>(() => Make(directory).MakeSecrets([new SecretPart("var/planted/key", 50, Location)], CancellationToken.None));
        await Assert.ThrowsExactlyAsync<UnauthorizedAccessException>(() => new ConfigurationFiles(layout, new RecordingLog()).WriteAsync(
            [new ConfigurationFile("var/planted/file", "", AtomicFile.PublicMode)], CancellationToken.None));
        await Assert.ThrowsExactlyAsync<IOException>(() => new InstanceLinks(layout, new RecordingLog()).MakeAsync(
            [new LinkPart("var/planted/link", "var/a", Location)], CancellationToken.None));
        CollectionAssert.AreEqual(new[] { Path.Combine(elsewhere.Path, "shadow") }, Directory.GetFileSystemEntries(elsewhere.Path));
    }

    private static InstanceFiles Make(TemporaryDirectory directory) => new(new InstanceLayout(directory.Path), new RecordingLog());
}
