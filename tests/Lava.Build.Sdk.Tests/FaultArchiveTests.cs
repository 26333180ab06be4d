using System.Formats.Tar;
using System.IO.Compression;

namespace Lava.Build.Sdk.Tests;

/// <summary>Archives that cannot be unpacked, or not together, in real builds of an instance that stands.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class FaultArchiveTests
{
    [TestMethod]
    [DataRow("alpha-2.0.tar.gz")]
    [DataRow("alpha-2.0.zip")]
    public async Task A_truncated_archive_is_told_with_its_file_and_component(string name)
    {
        using TestProject project = await Faults.BuiltAsync();
        string file = Ask(project, name);
        Archives.Write(file, ("bin/alpha", "#!/bin/sh\necho alpha 2.0\n"), ("share/noise", Noise()));
        byte[] whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, whole[..(whole.Length / 2)]);
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA3001", "'alpha'", "is damaged", "Delete it and restore again");

        // It was pinned as it came, so the whole one has to be meant.
        File.WriteAllBytes(file, whole);
        await project.AssertConvergesAsync("2.0", "-p:RestoreForceEvaluate=true");
    }

    [TestMethod]
    [DataRow("../outside", "LAVA3004", "goes through '..'")]
    [DataRow("/etc/outside", "LAVA3003", "absolute name")]
    [DataRow("a\nb", "LAVA3005", "cannot be unpacked")]
    public async Task A_hostile_name_is_told_and_nothing_is_written_outside(string member, string code, string words)
    {
        using TestProject project = await Faults.BuiltAsync();
        string file = Ask(project, "alpha-2.0.tar.gz");
        WriteTar(file, member);
        await project.AssertFaultAsync(await project.BuildAsync(), code, "'alpha'", words, "se another archive");
        Assert.AreEqual(0, Directory.EnumerateFiles(project.Path, "outside", SearchOption.AllDirectories).Count());
        Assert.AreEqual(1, Directory.GetDirectories(Path.Combine(project.Cache, "trees")).Length);

        File.Delete(file);
        project.PackAlpha("2.0");
        await project.AssertConvergesAsync("2.0", "-p:RestoreForceEvaluate=true");
    }

    [TestMethod]
    public async Task An_archive_over_the_limits_is_told_with_the_limit()
    {
        using TestProject project = await Faults.BuiltAsync();
        Archives.Write(Ask(project, "alpha-2.0.tar.gz"), ("bin/alpha", "#!/bin/sh\necho alpha 2.0\n"), ("share/noise", Noise()));
        await project.AssertFaultAsync(await project.BuildAsync("-p:LavaMaxEntries=2"), "LAVA3017", "'alpha'", "more than 2 files", "LavaMaxEntries");
        await project.AssertFaultAsync(await project.BuildAsync("-p:LavaMaxUnpackedBytes=1000"), "LAVA3018", "'alpha'", "more than 1000 bytes", "LavaMaxUnpackedBytes");
        await project.AssertConvergesAsync("2.0");
    }

    [TestMethod]
    public async Task Two_components_with_one_file_are_told_with_both_names_and_the_cure()
    {
        using TestProject project = await Faults.BuiltAsync();
        project.Pack("beta", "1.0", ("bin/alpha", "#!/bin/sh\necho beta\n"));
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0"), TestProject.Component("beta", "1.0")));
        await project.AssertFaultAsync(await project.BuildAsync(), "LAVA4001", "'bin/alpha'", "'alpha'", "'beta'", "Overrides=", "Excludes");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0"), TestProject.Component("beta", "1.0", "Excludes=\"bin/alpha\"")));
        await project.AssertConvergesAsync("1.0");
    }

    [TestMethod]
    public async Task A_tree_that_another_program_changes_each_time_it_is_made_is_told_with_its_path()
    {
        using TestProject project = await Faults.BuiltAsync();
        project.Pack("alpha", "2.0", ("bin/alpha", "#!/bin/sh\necho alpha 2.0\n"), ("lib/python3/dist-packages/alpha.py", "pass\n"));
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));

        // What compiles modules is started when a tree is unpacked and not yet under its name. It must not name another program as itself.
        string python = project.Write(
            "python",
            $"""
            #!/bin/sh
            case "$*" in *cache_tag*) /usr/bin/python3 "$@" | sed "1s|.*|$0|"; exit;; esac
            for file in '{project.Cache}'/trees/.staging-*/*/tree/bin/alpha; do
              [ ! -f "$file" ] || chmod 600 "$file"
            done
            exec /usr/bin/python3 "$@"

            """);
        File.SetUnixFileMode(python, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await project.AssertFaultAsync(
            await project.BuildAsync($"-p:LavaPython={python}"),
            "LAVA3021",
            new FaultTraces(["LAVA2004", "LAVA2004"], Damaged: 2),
            "'alpha'",
            $"{project.Cache}/trees/",
            "bin/alpha",
            "end that program");
        TestDirectory.Delete(project.Cache);
        await project.AssertConvergesAsync("2.0");
    }

    private static string Ask(TestProject project, string file)
    {
        project.Describe(TestProject.Items($"""<LavaComponent Include="alpha" Source="archive" Version="2.0" Path="archives/{file}" />"""));
        return project["archives", file];
    }

    // What does not become smaller.
    private static string Noise()
    {
        Random random = new(1);
        return string.Concat(Enumerable.Range(0, 20_000).Select(_ => (char)random.Next('!', '~')));
    }

    private static void WriteTar(string file, string member)
    {
        using GZipStream gzip = new(File.Create(file), CompressionLevel.Fastest);
        using TarWriter tar = new(gzip, TarEntryFormat.Pax);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, member) { DataStream = new MemoryStream([1, 2, 3]) });
    }
}
