using System.IO.Compression;
using System.IO.Pipes;
using Lava.Build.Platform;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class GoodArchiveTests
{
    private const UnixFileMode Setuid = UnixFileMode.SetUser | UnixFileMode.UserRead | UnixFileMode.UserExecute;

    [TestMethod]
    public async Task A_package_unpacks_to_what_dpkg_makes_of_it_without_the_bits_a_tree_must_not_have()
    {
        using Workbench bench = new();
        string source = bench.PathOf("source");
        MakeSource(source);
        Directory.CreateDirectory(Path.Combine(source, "DEBIAN"));
        await File.WriteAllTextAsync(
            Path.Combine(source, "DEBIAN/control"), "Package: thing\nVersion: 1\nArchitecture: all\nMaintainer: A <a@b.c>\nDescription: d\n");
        await bench.RunAsync("dpkg-deb", "--root-owner-group", "-b", source, bench.PathOf("thing.deb"));
        await bench.RunAsync("dpkg-deb", "-x", bench.PathOf("thing.deb"), bench.PathOf("expected"));
        TreeManifest manifest = await bench.UnpackAsync(bench.PathOf("thing.deb"), ArchiveFormat.Deb);
        await AssertSameAsync(bench.PathOf("expected"), bench.Tree, manifest);

        Dictionary<string, TreeEntry> entries = manifest.Entries.ToDictionary(entry => entry.Path);
        Assert.IsTrue(entries["usr/bin/sudo"].Executable);
        Assert.AreEqual("/etc/alternatives/x", entries["usr/bin/absolute"].LinkTarget);
        Assert.AreEqual(entries["usr/share/one"].Sha256, entries["usr/share/two"].Sha256);
        Assert.AreEqual("/bin/sh -e", entries["usr/bin/script"].Interpreter);
        Assert.IsNotNull(entries["usr/bin/true"].Elf?.Loader);
    }

    [TestMethod]
    [DataRow("x.tar", ArchiveFormat.Tar, "--format=pax")]
    [DataRow("x.tar", ArchiveFormat.Tar, "--format=gnu")]
    [DataRow("x.tar", ArchiveFormat.Tar, "--format=ustar")]
    [DataRow("x.tar.gz", ArchiveFormat.TarGzip, "--gzip")]
    [DataRow("x.tar.xz", ArchiveFormat.TarXz, "--xz")]
    [DataRow("x.tar.zst", ArchiveFormat.TarZstandard, "--zstd")]
    [DataRow("x.tar.bz2", ArchiveFormat.TarBzip2, "--bzip2")]
    public async Task What_tar_packs_is_unpacked_whole(string name, ArchiveFormat format, string option)
    {
        using Workbench bench = new();
        string source = bench.PathOf("source");
        MakeSource(source);
        await bench.RunAsync("tar", option, "-cf", bench.PathOf(name), "-C", source, ".");
        Assert.AreEqual(format, ArchiveFormats.FromFileName(name));
        TreeManifest manifest = await bench.UnpackAsync(bench.PathOf(name), format);
        await AssertSameAsync(source, bench.Tree, manifest);
    }

    [TestMethod]
    [DataRow("", DisplayName = "")]
    [DataRow("-fz", DisplayName = "sizes and end in ZIP64")]
    public async Task What_zip_packs_is_unpacked_whole(string option)
    {
        using Workbench bench = new();
        string source = bench.PathOf("source");
        MakeSource(source);
        await bench.RunAsync("sh", "-c", $"cd source && zip -q -r -y {option} ../x.zip . -x '*x2d*'");
        File.Delete(Path.Combine(source, @"usr/share/back\x2dslash"));
        TreeManifest manifest = await bench.UnpackAsync(bench.PathOf("x.zip"), ArchiveFormat.Zip);
        await AssertSameAsync(source, bench.Tree, manifest);
    }

    [TestMethod]
    public async Task What_zip_writes_into_a_pipe_has_sizes_behind_the_content_and_is_unpacked_whole()
    {
        using Workbench bench = new();
        await File.WriteAllTextAsync(bench.PathOf("a"), "some text");
        await bench.RunAsync("sh", "-c", "zip -q - a | cat > x.zip");
        TreeManifest manifest = await bench.UnpackAsync(bench.PathOf("x.zip"), ArchiveFormat.Zip);
        Assert.AreEqual(9, manifest.Entries.Single().Size);
    }

    [TestMethod]
    public async Task What_NET_writes_into_a_pipe_has_sizes_behind_the_content_and_is_unpacked_whole()
    {
        using Workbench bench = new();
        using AnonymousPipeServerStream output = new(PipeDirection.Out);
        using AnonymousPipeClientStream input = new(PipeDirection.In, output.ClientSafePipeHandle);
        using (ZipArchive zip = new(output, ZipArchiveMode.Create))
        {
            zip.CreateEntry("d/");
            await zip.CreateEntry("empty").Open().DisposeAsync();
            await using Stream text = zip.CreateEntry("text").Open();
            await text.WriteAsync("some text"u8.ToArray());
        }

        using MemoryStream packed = new();
        await input.CopyToAsync(packed);
        TreeManifest manifest = await bench.UnpackZipAsync(packed.ToArray());
        Assert.AreEqual("d 0; empty 0; text 9", string.Join("; ", manifest.Entries.Select(entry => $"{entry.Path} {entry.Size}")));
    }

    [TestMethod]
    public async Task A_ustar_prefix_holds_beside_a_pax_header()
    {
        using Workbench bench = new();
        TreeManifest manifest = await bench.UnpackTarAsync(
            new TarBuilder().Pax(("mtime", "12.9"), ("comment", "two\nlines")).Member('0', "file", prefix: "some/where"));
        Assert.AreEqual("some some/where some/where/file", Paths(manifest));
        Assert.AreEqual(12, manifest.Entries[2].ModifiedSeconds);
    }

    [TestMethod]
    public async Task A_directory_may_be_named_twice_and_the_last_time_holds()
    {
        using Workbench bench = new();
        TreeManifest manifest = await bench.UnpackTarAsync(new TarBuilder().File("d/f").Directory("d", 5).Directory("d/", 7));
        Assert.AreEqual(7, manifest.Entries[0].ModifiedSeconds);
        Assert.AreEqual(DateTime.UnixEpoch.AddSeconds(7), Directory.GetLastWriteTimeUtc(Path.Combine(bench.Tree, "d")));
    }

    [TestMethod]
    public async Task Content_goes_below_the_prefix_and_leading_directories_are_dropped()
    {
        using Workbench bench = new();
        TreeManifest manifest = await bench.UnpackTarAsync(
            new TarBuilder().GlobalPax(("comment", "0123")).Directory("./").Directory("thing-1").File("thing-1/setup", "x").File("top")
                .File("thing-1/lib/deep/f").HardLink("thing-1/lib/h", "./thing-1/setup"),
            prefix: "opt/thing",
            strip: 1);
        Assert.AreEqual(
            "opt opt/thing opt/thing/lib opt/thing/lib/deep opt/thing/lib/deep/f opt/thing/lib/h opt/thing/setup", Paths(manifest));
        Assert.IsNull(TreeVerifier.FindDifferenceInContent(bench.Tree, manifest, CancellationToken.None));
    }

    [TestMethod]
    public async Task Times_that_no_file_system_holds_become_the_nearest_that_all_hold()
    {
        using Workbench bench = new();
        TreeManifest manifest = await bench.UnpackTarAsync(
            new TarBuilder().File("late", time: 1L << 32).Pax(("mtime", "-5.5")).File("early").File("plain", time: 3));
        Assert.AreEqual("0 2147483647 3", string.Join(' ', manifest.Entries.Select(entry => entry.ModifiedSeconds)));
    }

    [TestMethod]
    public async Task Numbers_that_GNU_tar_writes_in_base_256_are_read()
    {
        using Workbench bench = new();
        await bench.RunAsync("touch", "-d", "1960-01-01", bench.PathOf("early"));
        await bench.RunAsync("touch", "-d", "@68719476736", bench.PathOf("late"));
        await bench.RunAsync("tar", "--format=gnu", "-cf", bench.PathOf("x.tar"), "early", "late");
        TreeManifest manifest = await bench.UnpackAsync(bench.PathOf("x.tar"), ArchiveFormat.Tar);
        Assert.AreEqual("0 2147483647", string.Join(' ', manifest.Entries.Select(entry => entry.ModifiedSeconds)));
    }

    [TestMethod]
    public async Task An_empty_archive_is_an_empty_tree()
    {
        using Workbench bench = new();
        Assert.IsEmpty((await bench.UnpackTarAsync(new TarBuilder())).Entries);
        Assert.IsEmpty((await bench.UnpackZipAsync(new ZipBuilder().Finished())).Entries);
    }

    [TestMethod]
    public async Task Cancellation_ends_it()
    {
        using Workbench bench = new();
        string archive = await bench.PackAsync(new TarBuilder().File("a").Finished(), ArchiveFormat.TarXz);
        UnpackRequest request = new("thing", archive, new TreeRecipe(ArchiveFormat.TarXz), new UnpackLimits(), default);
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => Unpacker.UnpackAsync(request, bench.Root, Workbench.Processes, Workbench.Log, new CancellationToken(canceled: true)));
    }

    private static string Paths(TreeManifest manifest) => string.Join(' ', manifest.Entries.Select(entry => entry.Path));

    /// <summary>All below a directory, without following links.</summary>
    private static IEnumerable<string> Walk(string root) =>
        new DirectoryInfo(root).EnumerateFileSystemInfos().SelectMany(
            found => found is DirectoryInfo { LinkTarget: null } ? Walk(found.FullName).Prepend(found.FullName) : [found.FullName]);

    private static void MakeSource(string root)
    {
        Directory.CreateDirectory(Path.Combine(root, "usr/bin"));
        Directory.CreateDirectory(Path.Combine(root, "usr/share/" + new string('l', 90)));
        Write("usr/bin/sudo", "x", Setuid);
        Write("usr/bin/script", "#! /bin/sh -e\nexit 0\n", UnixFileMode.UserRead | UnixFileMode.OtherExecute);
        File.Copy("/bin/true", Path.Combine(root, "usr/bin/true"));
        Write("usr/share/one", "linked", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite);
        File.CreateSymbolicLink(Path.Combine(root, "usr/bin/absolute"), "/etc/alternatives/x");
        File.CreateSymbolicLink(Path.Combine(root, "usr/up"), "../../../outside");
        File.CreateSymbolicLink(Path.Combine(root, "usr/self"), ".");
        using OpenedDirectory opened = OpenedDirectory.Open(root);
        Assert.AreEqual(0, opened.TryHardLink("usr/share/one", opened, "usr/share/two"));
        Write(@"usr/share/back\x2dslash", "systemd", UnixFileMode.UserRead);
        Write("usr/share/Case", "1", UnixFileMode.UserRead);
        Write("usr/share/case", "2", UnixFileMode.UserRead);
        Write("usr/share/é ü", "", UnixFileMode.UserRead);
        Write($"usr/share/{new string('l', 90)}/{new string('n', 90)}", new string('x', 300_000), UnixFileMode.UserRead);
        Directory.CreateDirectory(Path.Combine(root, "var/empty"));
        foreach (string path in Walk(root))
        {
            File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(1_600_000_000));
        }

        void Write(string path, string content, UnixFileMode mode)
        {
            File.WriteAllText(Path.Combine(root, path), content);
            File.SetUnixFileMode(Path.Combine(root, path), mode);
        }
    }

    /// <summary>Paths, kinds, link targets and contents are the same; modes and times are as the manifest's contract says.</summary>
    internal static async Task AssertSameAsync(string expected, string tree, TreeManifest manifest)
    {
        string[] paths = [.. Walk(expected).Select(path => path[(expected.Length + 1)..])];
        Array.Sort(paths, string.CompareOrdinal);
        CollectionAssert.AreEqual(paths, manifest.Entries.Select(entry => entry.Path).ToArray());
        foreach (TreeEntry entry in manifest.Entries)
        {
            FileInfo original = new(Path.Combine(expected, entry.Path));
            Assert.AreEqual(original.LinkTarget, entry.LinkTarget);
            if (entry.Kind == EntryKind.File)
            {
                CollectionAssert.AreEqual(await File.ReadAllBytesAsync(original.FullName), await File.ReadAllBytesAsync(Path.Combine(tree, entry.Path)));
                bool executable = (original.UnixFileMode & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
                Assert.AreEqual(executable, entry.Executable, entry.Path);
                Assert.AreEqual(new DateTimeOffset(original.LastWriteTimeUtc).ToUnixTimeSeconds(), entry.ModifiedSeconds, entry.Path);
            }

            Assert.AreEqual((original.Attributes & FileAttributes.ReparsePoint) != 0, entry.Kind == EntryKind.Link, entry.Path);
        }

        Assert.IsNull(TreeVerifier.FindDifferenceInContent(tree, manifest, CancellationToken.None));
    }
}
