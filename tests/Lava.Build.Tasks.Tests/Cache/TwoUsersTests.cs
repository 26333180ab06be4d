using Lava.Build.Platform;
using Lava.Build.Tests.Damage;
using Lava.Build.Tests.Shells;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Cache;

/// <summary>A cache that an administrator made for a group: two real users, each with an umask that leaves the other nothing, or all.</summary>
[TestClass]
public sealed class TwoUsersTests
{
    private const uint First = SharedCache.First;
    private const uint Second = SharedCache.Second;
    private const int SetGroup = SharedCache.SetGroup;
    private const int SetGroupSticky = SharedCache.SetGroupSticky;

    [TestMethod]
    [DataRow(SetGroup, "077")]
    [DataRow(SetGroup, "000")]
    [DataRow(SetGroupSticky, "077")]
    [DataRow(SetGroupSticky, "000")]
    public async Task What_one_unpacked_the_other_uses(int mode, string umask)
    {
        using SharedCache shared = await SharedCache.MakeAsync(mode);
        Assert.AreEqual("", await shared.RunAsync(First, umask, "assemble", shared.Bench.Layout.Root, shared.InstanceOf(First), shared.Request.Archive));
        string digest = shared.Request.Digest(null);
        string lockFile = Path.Combine(shared.Bench.Layout.Locks, "unpack");
        Assert.AreEqual((UnixFileMode)0b110_110_000, File.GetUnixFileMode(lockFile));

        // Linux lets a user link only what he may write (fs.protected_hardlinks), so the other one has copies, and is told once.
        string told = await shared.RunAsync(Second, umask, "assemble", shared.Bench.Layout.Root, shared.InstanceOf(Second), shared.Request.Archive);
        if ((await File.ReadAllTextAsync("/proc/sys/fs/protected_hardlinks")).Trim() == "1")
        {
            Assert.StartsWith("LAVA4032", told);
            Assert.Contains($"another user, with the id {First}", told);
            Assert.HasCount(1, told.Trim().Split('\n'));
        }

        foreach (uint user in (uint[])[First, Second])
        {
            string tree = Path.Combine(shared.InstanceOf(user), "code/.store/a-1");
            TreeInspection found = TreeInspection.Inspect(
                tree, Path.Combine(tree, TreeManifest.FileName), InspectionDepth.Content, null, CancellationToken.None);
            Assert.IsNull(found.Difference);
        }

        Assert.AreEqual($"{First}\n", await Run.OutputAsync("stat", ["-c", "%u", shared.Bench.Trees().TreePath(digest)]));
    }

    [TestMethod]
    [DataRow(SetGroup)]
    [DataRow(SetGroupSticky)]
    public async Task What_a_killed_build_of_the_one_left_does_not_hold_the_other_up(int mode)
    {
        using SharedCache shared = await SharedCache.MakeAsync(mode);
        string left = Path.Combine(shared.Bench.Layout.Trees, ".staging-0123/tree");
        await shared.AsAsync(First, $"umask 077; mkdir -p '{left}'; touch '{left}/half'");
        string[] unnamed = [.. "abc".Select(letter => Path.Combine(shared.Bench.Layout.Root, $".new.{new string(letter, 32)}.tmp"))];
        await shared.AsAsync(First, "mkdir \"$1\"; ln -s /nowhere \"$2\"; touch -d 2020-01-01 \"$3\"", unnamed);
        string told = await shared.RunAsync(Second, "022", "assemble", shared.Bench.Layout.Root, shared.InstanceOf(Second), shared.Request.Archive);
        Assert.AreEqual("", told);
        Assert.IsTrue(Directory.Exists(left));
        Assert.HasCount(3, Directory.GetFileSystemEntries(shared.Bench.Layout.Root, ".new.*"));
        Assert.AreEqual("", await shared.RunAsync(First, "022", "unpack", shared.Bench.Layout.Root, shared.Request.Archive));
    }

    [TestMethod]
    [DataRow(SetGroup, "tree")]
    [DataRow(SetGroupSticky, "tree")]
    [DataRow(SetGroup, "archive")]
    [DataRow(SetGroupSticky, "archive")]
    public async Task Damage_of_what_another_made_is_healed_or_one_line_says_who_can(int mode, string what)
    {
        using SharedCache shared = await SharedCache.MakeAsync(mode);
        if (what == "tree")
        {
            await shared.RunAsync(First, "077", "unpack", shared.Bench.Layout.Root, shared.Request.Archive);
            Damages.Do("truncated", Path.Combine(shared.Bench.Trees().TreePath(shared.Request.Digest(null)), "usr/share/text"));
        }
        else
        {
            Damages.Do("byte", shared.Bench.Archives.PathOf(shared.Request.Archive));
        }

        string told = await shared.RunAsync(Second, "022", "assemble", shared.Bench.Layout.Root, shared.InstanceOf(Second), shared.Request.Archive);
        string[] codes = [.. told.Trim().Split('\n').Select(line => line[..8]).Where(code => code != "LAVA4032")];
        string expected = (mode, what) switch
        {
            (SetGroupSticky, _) => "LAVA2005",
            (_, "tree") => "LAVA2004",
            _ => "LAVA2002 LAVA2003",
        };
        Assert.AreEqual(expected, string.Join(' ', codes), told);
        if (mode == SetGroupSticky)
        {
            Assert.Contains($"the user with the id {First}", told);

            // Its owner's next build heals it.
            told = await shared.RunAsync(First, "022", "assemble", shared.Bench.Layout.Root, shared.InstanceOf(First), shared.Request.Archive);
            Assert.StartsWith(what == "tree" ? "LAVA2004" : "LAVA2002", told);
        }
    }

    [TestMethod]
    [DataRow(SetGroup)]
    [DataRow(SetGroupSticky)]
    public async Task What_both_fetch_is_one_archive(int mode)
    {
        using SharedCache shared = await SharedCache.MakeAsync(mode);
        string digest = Hashing.OfText("content");
        foreach (uint user in (uint[])[First, Second])
        {
            Assert.AreEqual($"{digest}\n", await shared.RunAsync(user, "077", "add", shared.Bench.Layout.Root, "content"));
        }

        Assert.AreEqual("content", await File.ReadAllTextAsync(shared.Bench.Archives.PathOf(digest)));
        Assert.IsEmpty(Directory.GetFileSystemEntries(shared.Bench.Layout.Incoming));

        // Root may do anything, so damage is looked for as the user would.
        Damages.Do("emptied", shared.Bench.Archives.PathOf(digest));
        string told = await shared.RunAsync(mode == SetGroup ? Second : First, "077", "add", shared.Bench.Layout.Root, "content");
        Assert.Contains(digest, told);
        Assert.AreEqual("content", await File.ReadAllTextAsync(shared.Bench.Archives.PathOf(digest)));
    }

    [TestMethod]
    [DataRow(SetGroup)]
    [DataRow(SetGroupSticky)]
    public async Task Each_prunes_what_is_his_own(int mode)
    {
        using SharedCache shared = await SharedCache.MakeAsync(mode);
        await shared.RunAsync(First, "077", "unpack", shared.Bench.Layout.Root, shared.Request.Archive);
        string tree = shared.Bench.Trees().TreePath(shared.Request.Digest(null));
        string told = await shared.RunAsync(Second, "022", "prune", shared.Bench.Layout.Root);
        Assert.Contains("Archives = 0, Trees = 0", told);
        Assert.IsTrue(Directory.Exists(tree));
        told = await shared.RunAsync(First, "022", "prune", shared.Bench.Layout.Root);
        Assert.Contains("Archives = 1, Trees = 1", told);
        Assert.IsFalse(Directory.Exists(tree));
    }

    [TestMethod]
    public async Task Parts_of_downloads_and_the_state_of_sources_are_each_users_own()
    {
        using SharedCache shared = await SharedCache.MakeAsync(SetGroup);
        Assert.EndsWith($"state/deb-{Posix.EffectiveUser()}", shared.Bench.Layout.State("deb"));
        using CacheBench own = new();
        Assert.EndsWith("state/deb", own.Layout.State("deb"));
        Assert.AreNotEqual(Path.GetFileName(own.Archives.ResumablePath("a")), Hashing.OfText("a") + ".part");
    }
}
