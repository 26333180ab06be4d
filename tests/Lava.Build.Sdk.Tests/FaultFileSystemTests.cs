using System.Globalization;

namespace Lava.Build.Sdk.Tests;

/// <summary>What file systems refuse, in real builds of an instance that stands.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class FaultFileSystemTests
{
    private const UnixFileMode Unwritable = UnixFileMode.UserRead | UnixFileMode.UserExecute;
    private const UnixFileMode Writable = Unwritable | UnixFileMode.UserWrite;

    // A directory that is not writable, and what the message says of the path.
    private static readonly (string Directory, string Path)[] Places =
    [
        ("instances/instance/code", "/instances/instance/code/"),
        ("cache/lava-build/archives", "/cache/lava-build/archives/"),
        ("cache/lava-build/incoming", "/cache/lava-build/incoming/"),
        ("cache/lava-build/trees", "/cache/lava-build/trees/"),
        ("obj/lava/instance/Debug", "/obj/lava/instance/Debug/trees.txt'"),
        ("", "/instance.lock.json'"),
    ];

    [TestMethod]
    public async Task Where_nothing_may_be_written_the_path_is_told()
    {
        using TestProject project = await Faults.BuiltAsync();
        for (int i = 0; i < Places.Length; i++)
        {
            // Another version each time, so that there is something to write everywhere.
            string version = $"{i + 2}.0";
            project.PackAlpha(version);
            project.Describe(TestProject.Items(TestProject.Component("alpha", version)));
            string directory = project[Places[i].Directory];
            File.SetUnixFileMode(directory, Unwritable);
            Diagnostic error = await project.AssertFaultAsync(
                await project.OrdinaryAsync("build", "instance.proj"), "LAVA9004", Places[i].Path, "permission denied", "Work as its owner");
            Assert.AreEqual(project.File, error.File);
            File.SetUnixFileMode(directory, Writable);
        }

        await project.AssertConvergesAsync($"{Places.Length + 1}.0");
    }

    [TestMethod]
    public async Task An_obj_that_cannot_be_made_is_told()
    {
        using TestProject project = await Faults.BuiltAsync();
        TestDirectory.Delete(project["obj"]);
        File.SetUnixFileMode(project.Path, Unwritable);
        await project.AssertFaultAsync(
            await project.OrdinaryAsync("build", "instance.proj"), "LAVA9004", "/obj'", "permission denied", "MSBuildProjectExtensionsPath");
        File.SetUnixFileMode(project.Path, Writable);
        await project.AssertConvergesAsync("1.0");
    }

    [TestMethod]
    public async Task A_lock_file_that_cannot_be_read_is_told()
    {
        using TestProject project = await Faults.BuiltAsync();
        File.SetUnixFileMode(project.LockFile, UnixFileMode.None);
        await project.AssertFaultAsync(
            await project.OrdinaryAsync("restore", "instance.proj", "--force"), "LAVA9004", "'" + project.LockFile + "'", "cannot be read or changed");
        File.SetUnixFileMode(project.LockFile, Writable);
        await project.AssertConvergesAsync("1.0");
    }

    [TestMethod]
    public async Task A_cache_that_cannot_be_written_serves_what_it_has()
    {
        using TestProject project = await Faults.BuiltAsync();
        TestDirectory.Delete(project.Instance);
        (await project.UnsharedAsync($"""
            mount --bind '{project.Cache}' '{project.Cache}'
            mount -o remount,bind,ro '{project.Cache}'
            dotnet build instance.proj -p:LavaLinkMode=copy
            """)).Succeeds();
        await project.AssertRunsAsync("1.0");

        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0")));
        await project.AssertFaultAsync(
            await project.UnsharedAsync($"""
                mount --bind '{project.Cache}' '{project.Cache}'
                mount -o remount,bind,ro '{project.Cache}'
                dotnet build instance.proj
                """),
            "LAVA9005",
            $"'{project.Cache}/",
            "mounted read-only",
            "LavaCacheRoot");
        await project.AssertConvergesAsync("2.0");
    }

    [TestMethod]
    // What is short, how it is mended, and what the message says.
    [DataRow("instances", "size=200k", "size=64m", "no room or no inode left")]
    [DataRow("instances", "nr_inodes=60", "nr_inodes=10000", "df -i")]
    [DataRow("cache", "size=200k", "size=64m", "no room or no inode left")]
    public async Task A_full_disk_is_told_and_the_active_release_stays(string place, string small, string large, string words)
    {
        using TestProject project = TestProject.OfAlpha();
        Random random = new(1);
        project.Pack("alpha", "2.0", [
            ("bin/alpha", "#!/bin/sh\necho alpha 2.0\n"),
            .. Enumerable.Range(0, 100).Select(i => (
                string.Create(CultureInfo.InvariantCulture, $"share/d{i}/file"),
                string.Concat(Enumerable.Range(0, 4000).Select(_ => (char)random.Next('!', '~'))))),
        ]);
        CommandResult result = await project.UnsharedAsync($"""
            mkdir -p '{place}'
            mount -t tmpfs -o mode=755,{small} tmpfs '{place}'
            dotnet build instance.proj -p:LavaLinkMode=copy
            sed -i 's/1\.0/2.0/g' instance.proj
            code=0
            dotnet build instance.proj -p:LavaLinkMode=copy > full.txt 2>&1 || code=$?
            echo $code > code.txt
            cp -a cache seen
            instances/instance/bin/alpha
            mount -o remount,{large} '{place}'
            dotnet build instance.proj -p:LavaLinkMode=copy
            instances/instance/bin/alpha
            """);
        result.Succeeds().Says("\nalpha 1.0\n").Says("\nalpha 2.0\n");
        int code = int.Parse(project.Read("code.txt"), CultureInfo.InvariantCulture);
        Faults.AssertOneLine(new CommandResult("dotnet build", code, project.Read("full.txt")), "LAVA9003", $"'{project[place]}/", words, "Free some");
        Faults.AssertCacheIsWhole(project["seen", "lava-build"]);
    }

    [TestMethod]
    [DataRow("LavaPrefix")]
    [DataRow("LavaCacheRoot")]
    [DataRow("LavaLockFile")]
    public async Task A_path_too_long_is_told(string property)
    {
        using TestProject project = await Faults.BuiltAsync();
        string name = new('x', 300);
        await project.AssertFaultAsync(await project.BuildAsync($"-p:{property}={name}"), "LAVA9006", $"/{name}", "255 bytes a name", "Use a shorter");
        string deep = string.Concat(Enumerable.Repeat(new string('y', 200) + "/", 25));
        await project.AssertFaultAsync(await project.BuildAsync($"-p:{property}={deep}z"), "LAVA9006", "/yyyy", "4,095 a path", "Use a shorter");
        await project.AssertConvergesAsync("1.0");
    }
}
