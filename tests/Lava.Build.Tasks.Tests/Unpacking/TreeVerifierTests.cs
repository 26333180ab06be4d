using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class TreeVerifierTests
{
    private static readonly Dictionary<string, (string Expected, Action<string> Damage)> Damages = new()
    {
        ["file gone"] = ("'d/f' is missing", root => File.Delete(root + "/d/f")),
        ["directory gone"] = ("'d' is missing", root => Directory.Delete(root + "/d", recursive: true)),
        ["link gone"] = ("'l' is missing", root => File.Delete(root + "/l")),
        ["file is a directory"] = ("'d/f' is a directory and should be a file", root =>
        {
            File.Delete(root + "/d/f");
            Directory.CreateDirectory(root + "/d/f");
        }
        ),
        ["file is a link"] = ("'d/f' is a symbolic link and should be a file", root =>
        {
            File.Move(root + "/d/f", root + "/moved");
            File.CreateSymbolicLink(root + "/d/f", "../moved");
        }
        ),
        ["directory is a link"] = ("'d' is a symbolic link and should be a directory", root =>
        {
            Directory.Move(root + "/d", root + "/moved");
            File.CreateSymbolicLink(root + "/d", "moved");
        }
        ),
        ["link leads elsewhere"] = ("'l' leads to '/etc/shadow' instead of 'nowhere'", root =>
        {
            File.Delete(root + "/l");
            File.CreateSymbolicLink(root + "/l", "/etc/shadow");
        }
        ),
        ["mode"] = ("'d/f' has the mode 0644 instead of 0444", root =>
            File.SetUnixFileMode(root + "/d/f", TreeModes.File | UnixFileMode.UserWrite)),
        ["directory open to all"] = ("'d' has the mode 0777 instead of 0755", root =>
            File.SetUnixFileMode(root + "/d", TreeModes.Directory | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)),
        ["setuid"] = ("'x' has the mode 04555 instead of 0555", root =>
            File.SetUnixFileMode(root + "/x", TreeModes.Program | UnixFileMode.SetUser)),
        ["size"] = ("'d/f' has 9 bytes instead of 4", root => Rewrite(root + "/d/f", "other one", sameTime: true)),
        ["time"] = ("'d/f' was written since", root => Rewrite(root + "/d/f", "same", sameTime: false)),
    };

    public static IEnumerable<object[]> DamageNames => Damages.Keys.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(DamageNames))]
    public async Task A_damage_is_found(string name)
    {
        using Workbench bench = new();
        TreeManifest manifest = await UnpackAsync(bench);
        Assert.IsNull(TreeVerifier.FindDifference(bench.Tree, manifest));
        Damages[name].Damage(bench.Tree);
        Assert.AreEqual(Damages[name].Expected, TreeVerifier.FindDifference(bench.Tree, manifest));
        Assert.AreEqual(Damages[name].Expected, TreeVerifier.FindDifferenceInContent(bench.Tree, manifest, CancellationToken.None));
    }

    [TestMethod]
    public async Task A_tree_that_was_made_read_only_as_a_whole_is_not_damaged()
    {
        using Workbench bench = new();
        TreeManifest manifest = await UnpackAsync(bench);
        File.SetUnixFileMode(bench.Tree + "/d", TreeModes.Program);
        string? difference = TreeVerifier.FindDifference(bench.Tree, manifest);
        File.SetUnixFileMode(bench.Tree + "/d", TreeModes.Directory);
        Assert.IsNull(difference);
    }

    [TestMethod]
    public async Task A_changed_content_of_same_size_and_time_is_found_by_reading()
    {
        using Workbench bench = new();
        TreeManifest manifest = await UnpackAsync(bench);
        Rewrite(bench.Tree + "/d/f", "SAME", sameTime: true);
        Assert.IsNull(TreeVerifier.FindDifference(bench.Tree, manifest));
        Assert.AreEqual(
            "the content of 'd/f' was changed", TreeVerifier.FindDifferenceInContent(bench.Tree, manifest, CancellationToken.None));
    }

    [TestMethod]
    public async Task A_FIFO_of_the_mode_and_time_of_an_empty_file_is_found()
    {
        using Workbench bench = new();
        TreeManifest manifest = await UnpackAsync(bench);
        string path = bench.Tree + "/x";
        DateTime time = File.GetLastWriteTimeUtc(path);
        File.Delete(path);
        await bench.RunAsync("mkfifo", path);
        await bench.RunAsync("chmod", "0555", path);
        await bench.RunAsync("touch", "-d", $"{time:o}", path);
        Assert.AreEqual("'x' is a FIFO and should be a file", TreeVerifier.FindDifference(bench.Tree, manifest));
        Assert.AreEqual(
            "'x' is a FIFO and should be a file", TreeVerifier.FindDifferenceInContent(bench.Tree, manifest, CancellationToken.None));
    }

    [TestMethod]
    public async Task What_does_not_belong_there_is_found_by_reading()
    {
        using Workbench bench = new();
        TreeManifest manifest = await UnpackAsync(bench);
        File.CreateSymbolicLink(bench.Tree + "/d/extra", "/");
        Assert.AreEqual(
            "'d/extra' does not belong there", TreeVerifier.FindDifferenceInContent(bench.Tree, manifest, CancellationToken.None));
    }

    private static Task<TreeManifest> UnpackAsync(Workbench bench) =>
        bench.UnpackTarAsync(new TarBuilder().File("d/f", "same").File("x", "", mode: 0b111_101_101).Link("l", "nowhere").Link("d/up", ".."));

    private static void Rewrite(string path, string text, bool sameTime)
    {
        UnixFileMode mode = File.GetUnixFileMode(path);
        DateTime time = File.GetLastWriteTimeUtc(path);
        File.SetUnixFileMode(path, mode | UnixFileMode.UserWrite);
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, mode);
        if (sameTime)
        {
            File.SetLastWriteTimeUtc(path, time);
        }
    }
}
