using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Instances;

/// <summary>Invariant 6: an admin's edit in <c>etc</c> is never overwritten.</summary>
[TestClass]
public sealed class ConfigurationFilesTests
{
    private const string Name = "etc/app/settings.yaml";
    private const UnixFileMode Mode = (UnixFileMode)0b110_100_000;

    /// <summary>Whether the file is written, kept or offered, for the digests of what stands, of what was written last, and of what is wanted.</summary>
    private static IEnumerable<object?[]> Decisions =>
    [
        [null, null, "a", "Write"],
        ["a", null, "a", "Keep"],
        ["b", null, "a", "Offer"],
        ["a", "a", "a", "Keep"],
        ["a", "a", "b", "Write"],
        ["b", "a", "b", "Keep"],
        ["b", "a", "a", "Keep"],
        ["b", "a", "c", "Offer"],
        [null, "a", "a", "Keep"],
        [null, "a", "b", "Offer"],
    ];

    [TestMethod]
    [DynamicData(nameof(Decisions))]
    public void An_edit_is_told_from_an_old_template(string? current, string? recorded, string wanted, string step) =>
        Assert.AreEqual(step, ConfigurationFiles.Decide(current, recorded is null ? [] : [recorded], wanted).ToString());

    [TestMethod]
    public async Task A_new_file_has_its_text_and_mode()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        Assert.AreEqual("one", bench.Text);
        Assert.AreEqual(Mode, File.GetUnixFileMode(bench.Path));
        bench.AssertNoOffer();
    }

    [TestMethod]
    public async Task A_file_that_nobody_edited_follows_its_template_and_keeps_its_mode()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        const UnixFileMode Chosen = (UnixFileMode)0b110_000_000;
        File.SetUnixFileMode(bench.Path, Chosen);
        await bench.WriteAsync("two");
        Assert.AreEqual("two", bench.Text);
        Assert.AreEqual(Chosen, File.GetUnixFileMode(bench.Path));
        bench.AssertNoOffer();
    }

    [TestMethod]
    public async Task A_file_that_is_as_it_should_be_is_not_written()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        DateTime before = new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(bench.Path, before);
        await bench.WriteAsync("one");
        Assert.AreEqual(before, File.GetLastWriteTimeUtc(bench.Path));
    }

    [TestMethod]
    public async Task An_edited_file_is_kept_and_told_about_only_when_its_template_changes()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        await File.WriteAllTextAsync(bench.Path, "edited");
        await bench.WriteAsync("one");
        Assert.AreEqual("edited", bench.Text);
        bench.AssertNoOffer();

        await bench.WriteAsync("two");
        Assert.AreEqual("edited", bench.Text);
        bench.AssertOffer("two");

        // Once is enough: what was offered and not taken was declined.
        File.Delete(bench.Path + ".new");
        await bench.WriteAsync("two");
        Assert.IsFalse(File.Exists(bench.Path + ".new"));
        Assert.HasCount(1, bench.Log.Warnings);

        await bench.WriteAsync("three");
        Assert.AreEqual("edited", bench.Text);
        Assert.AreEqual("three", await File.ReadAllTextAsync(bench.Path + ".new"));
        Assert.HasCount(2, bench.Log.Warnings);
    }

    [TestMethod]
    public async Task An_edit_that_is_saved_while_other_files_are_written_is_kept()
    {
        using Bench bench = new();
        ConfigurationFile[] files = [.. Enumerable.Range(0, 2).Select(i => new ConfigurationFile($"etc/{i}", "one", Mode))];
        string second = System.IO.Path.Combine(bench.Layout.Root, "etc/1");
        await new ConfigurationFiles(bench.Layout, bench.Log).WriteAsync(files, CancellationToken.None);
        EditingLog log = new(second);
        await new ConfigurationFiles(bench.Layout, log).WriteAsync([.. files.Select(file => file with { Content = "two" })], CancellationToken.None);
        Assert.AreEqual("edited", await File.ReadAllTextAsync(second));
        Assert.AreEqual("two", await File.ReadAllTextAsync(second + ".new"));
        Assert.AreEqual(1, log.Warnings);
    }

    [TestMethod]
    public async Task An_offer_that_was_taken_is_followed_again()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        await File.WriteAllTextAsync(bench.Path, "edited");
        await bench.WriteAsync("two");
        File.Move(bench.Path + ".new", bench.Path, overwrite: true);
        await bench.WriteAsync("three");
        Assert.AreEqual("three", bench.Text);
        Assert.HasCount(1, bench.Log.Warnings);
    }

    [TestMethod]
    public async Task A_template_that_changes_back_finds_the_edit_where_it_was()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        await File.WriteAllTextAsync(bench.Path, "edited");
        await bench.WriteAsync("two");
        await bench.WriteAsync("one");
        Assert.AreEqual("edited", bench.Text);
        Assert.AreEqual("one", await File.ReadAllTextAsync(bench.Path + ".new"));
    }

    [TestMethod]
    public async Task A_template_that_changes_and_changes_back_is_followed_where_nobody_edited()
    {
        using Bench bench = new();
        foreach (string text in (string[])["one", "two", "one", "two"])
        {
            await bench.WriteAsync(text);
            Assert.AreEqual(text, bench.Text);
        }

        bench.AssertNoOffer();
    }

    [TestMethod]
    public async Task An_edit_that_the_template_takes_over_is_followed_from_then_on()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        await File.WriteAllTextAsync(bench.Path, "two");
        await bench.WriteAsync("two");
        await bench.WriteAsync("three");
        Assert.AreEqual("three", bench.Text);
        bench.AssertNoOffer();
    }

    [TestMethod]
    public async Task A_deleted_file_stays_deleted()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        File.Delete(bench.Path);
        await bench.WriteAsync("one");
        Assert.IsFalse(File.Exists(bench.Path));
        bench.AssertNoOffer();

        Directory.Delete(System.IO.Path.GetDirectoryName(bench.Path)!);
        await bench.WriteAsync("two");
        Assert.IsFalse(File.Exists(bench.Path));
        bench.AssertOffer("two");
    }

    [TestMethod]
    [DataRow("../../elsewhere")]
    [DataRow("no such file")]
    public async Task A_link_in_its_place_is_kept_and_what_it_leads_to_untouched(string target)
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        string elsewhere = System.IO.Path.Combine(bench.Layout.Root, "elsewhere");
        await File.WriteAllTextAsync(elsewhere, "one");
        File.Delete(bench.Path);
        File.CreateSymbolicLink(bench.Path, target);
        await bench.WriteAsync("one");
        await bench.WriteAsync("two");
        Assert.AreEqual(target, new FileInfo(bench.Path).LinkTarget);
        Assert.AreEqual("one", await File.ReadAllTextAsync(elsewhere));
        bench.AssertOffer("two");
    }

    [TestMethod]
    public async Task A_directory_in_its_place_is_kept()
    {
        using Bench bench = new();
        Directory.CreateDirectory(bench.Path);
        await bench.WriteAsync("one");
        Assert.IsTrue(Directory.Exists(bench.Path));
        bench.AssertOffer("one");
    }

    [TestMethod]
    public async Task A_file_that_was_there_before_is_an_edit()
    {
        using Bench bench = new();
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(bench.Path)!);
        await File.WriteAllTextAsync(bench.Path, "the admin's");
        await bench.WriteAsync("one");
        Assert.AreEqual("the admin's", bench.Text);
        bench.AssertOffer("one");
    }

    [TestMethod]
    public async Task Where_the_record_is_lost_nothing_is_overwritten()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        File.Delete(bench.Layout.ConfigurationRecord);
        await bench.WriteAsync("one");
        bench.AssertNoOffer();
        await bench.WriteAsync("two");
        Assert.AreEqual("two", bench.Text);

        File.Delete(bench.Layout.ConfigurationRecord);
        await bench.WriteAsync("three");
        Assert.AreEqual("two", bench.Text);
        bench.AssertOffer("three");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("not a record\n\n")]
    [DataRow("0000000000000000000000000000000000000000000000000000000000000000  etc/app/settings.yaml")]
    public async Task Where_the_record_is_damaged_nothing_is_overwritten(string record)
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        await File.WriteAllTextAsync(bench.Layout.ConfigurationRecord, record);
        await bench.WriteAsync("two");
        Assert.AreEqual("one", bench.Text);
        bench.AssertOffer("two");
    }

    [TestMethod]
    public async Task A_build_that_was_killed_before_it_recorded_takes_no_edit_for_its_own()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        byte[] record = await File.ReadAllBytesAsync(bench.Layout.ConfigurationRecord);
        await bench.WriteAsync("two");
        await File.WriteAllBytesAsync(bench.Layout.ConfigurationRecord, record);

        await bench.WriteAsync("two");
        Assert.AreEqual("two", bench.Text);
        bench.AssertNoOffer();
        await bench.WriteAsync("three");
        Assert.AreEqual("three", bench.Text);
    }

    [TestMethod]
    public async Task What_was_written_before_an_interruption_is_no_edit()
    {
        const string Second = "etc/app/second.yaml";
        using Bench bench = new();
        await WriteBothAsync("one");
        // Nothing can be written below a file.
        string blocked = Path.Combine(bench.Layout.Root, "etc/blocked");
        await File.WriteAllTextAsync(blocked, "");
        ConfigurationFile impossible = new("etc/blocked/file", "text", Mode);
        await Assert.ThrowsAsync<IOException>(() => new ConfigurationFiles(bench.Layout, bench.Log).WriteAsync(
            [new ConfigurationFile(Name, "two", Mode), impossible, new ConfigurationFile(Second, "two", Mode)], CancellationToken.None));
        Assert.AreEqual("two", bench.Text);

        await WriteBothAsync("one");
        Assert.AreEqual("one", bench.Text);
        await WriteBothAsync("three");
        Assert.AreEqual("three", bench.Text);
        Assert.AreEqual("three", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Root, Second)));
        bench.AssertNoOffer();

        Task WriteBothAsync(string text) => new ConfigurationFiles(bench.Layout, bench.Log).WriteAsync(
            [new ConfigurationFile(Name, text, Mode), new ConfigurationFile(Second, text, Mode)], CancellationToken.None);
    }

    [TestMethod]
    public async Task A_file_keeps_its_owner_and_group_when_root_builds()
    {
        if (!Databases.OrdinaryUser.IsRoot)
        {
            Assert.Inconclusive("Only root can give files away.");
        }

        using Bench bench = new();
        await bench.WriteAsync("one");
        Posix.SetOwner(bench.Path, 54321, 54322);
        await bench.WriteAsync("two");
        FileStatus status = FileStatus.Of(bench.Path)!.Value;
        Assert.AreEqual((54321u, 54322u, Mode), (status.Owner, status.Group, status.Mode));
        Assert.AreEqual("two", bench.Text);
    }

    [TestMethod]
    public async Task The_record_is_what_sha256sum_checks()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        await new ConfigurationFiles(bench.Layout, bench.Log).WriteAsync(
            [new ConfigurationFile("etc/it's a name", "text", Mode)], CancellationToken.None);
        Assert.IsTrue(File.ReadLines(bench.Layout.ConfigurationRecord).SequenceEqual(
        [
            $"{Lava.Build.Platform.Hashing.OfText("one")}  {Name}",
            $"{Lava.Build.Platform.Hashing.OfText("text")}  etc/it's a name",
        ]));
        await Shells.Run.OutputAsync("sha256sum", ["--check", "--strict", bench.Layout.ConfigurationRecord], directory: bench.Layout.Root);
    }

    [TestMethod]
    public async Task Before_a_switch_only_what_is_missing_is_written()
    {
        using Bench bench = new();
        await bench.WriteAsync("one");
        await bench.WriteMissingAsync("two", "etc/new");
        Assert.AreEqual("one", bench.Text);
        Assert.AreEqual("two", await File.ReadAllTextAsync(System.IO.Path.Combine(bench.Layout.Root, "etc/new")));
        bench.AssertNoOffer();

        File.Delete(bench.Path);
        await bench.WriteMissingAsync("two", "etc/new");
        Assert.IsFalse(File.Exists(bench.Path));
        bench.AssertNoOffer();
    }

    private sealed class Bench : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();

        public Bench()
        {
            Layout = new InstanceLayout(_directory.Path);
            Directory.CreateDirectory(Layout.Code);
        }

        public InstanceLayout Layout { get; }

        public RecordingLog Log { get; } = new();

        public string Path => System.IO.Path.Combine(Layout.Root, Name);

        public string Text => File.ReadAllText(Path);

        public void Dispose() => _directory.Dispose();

        public Task WriteAsync(string text) =>
            new ConfigurationFiles(Layout, Log).WriteAsync([new ConfigurationFile(Name, text, Mode)], CancellationToken.None);

        public Task WriteMissingAsync(string text, string other) =>
            new ConfigurationFiles(Layout, Log).WriteMissingAsync(
                [new ConfigurationFile(Name, text, Mode), new ConfigurationFile(other, text, Mode)], CancellationToken.None);

        public void AssertNoOffer()
        {
            Assert.IsEmpty(Log.Warnings);
            Assert.IsFalse(File.Exists(Path + ".new"));
        }

        public void AssertOffer(string text)
        {
            Assert.AreEqual(text, File.ReadAllText(Path + ".new"));
            Assert.AreEqual(Mode, File.GetUnixFileMode(Path + ".new"));
            Problem warning = Log.Warnings.Single();
            Assert.AreEqual("LAVA4030", warning.Code);
            Assert.AreEqual(new SourceLocation(Path), warning.Location);
            Assert.Contains(Path + ".new", warning.Text);
        }
    }

    /// <summary>Edits a file when it is told that another was written.</summary>
    private sealed class EditingLog(string file) : IBuildLog
    {
        public int Warnings { get; private set; }

        public void Say(string text)
        {
        }

        public void Detail(string text)
        {
            if (text.StartsWith("Wrote ", StringComparison.Ordinal) && !text.EndsWith(file, StringComparison.Ordinal))
            {
                File.WriteAllText(file, "edited");
            }
        }

        public void Warn(Problem problem) => Warnings++;
    }
}
