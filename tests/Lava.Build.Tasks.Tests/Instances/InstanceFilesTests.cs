using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;

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
    public async Task A_secret_is_made_once_and_only_its_owner_reads_it()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "etc/app/key");
        RecordingLog log = new();
        InstanceFiles files = new(new InstanceLayout(directory.Path), log);
        await files.MakeSecretsAsync([new SecretPart("etc/app/key", 50, Location), new SecretPart("etc/other", 50, Location)], CancellationToken.None);
        string secret = await File.ReadAllTextAsync(path);
        Assert.MatchesRegex("\\A[A-Za-z0-9]{50}\\n\\z", secret);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.AreNotEqual(secret, await File.ReadAllTextAsync(Path.Combine(directory.Path, "etc/other")));
        Assert.DoesNotContain(secret.Trim(), string.Join('\n', log.Lines));

        await files.MakeSecretsAsync([new SecretPart("etc/app/key", 80, Location)], CancellationToken.None);
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
        await Make(directory).MakeSecretsAsync([new SecretPart("key", 50, Location)], CancellationToken.None);
        Assert.AreEqual(text, await File.ReadAllTextAsync(path));
    }

    [TestMethod]
    public async Task A_link_in_a_secrets_place_is_kept_even_where_it_leads_nowhere_now()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "key");
        File.CreateSymbolicLink(path, "/not/mounted");
        await Make(directory).MakeSecretsAsync([new SecretPart("key", 50, Location)], CancellationToken.None);
        Assert.AreEqual("/not/mounted", new FileInfo(path).LinkTarget);
    }

    private static InstanceFiles Make(TemporaryDirectory directory) => new(new InstanceLayout(directory.Path), new RecordingLog());
}
