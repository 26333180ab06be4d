using Lava.Build.Platform;
using Lava.Build.Tests.Databases;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class FileTreeTests
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserExecute;

    [TestMethod]
    public void A_directory_is_put_where_nothing_stands()
    {
        using TemporaryDirectory directory = new();
        string fresh = Make(directory, "fresh");
        Assert.IsFalse(FileTree.Put(fresh, Path.Combine(directory.Path, "place")));
        Assert.IsFalse(Directory.Exists(fresh));
        Assert.IsTrue(File.Exists(Path.Combine(directory.Path, "place", "fresh")));
    }

    [TestMethod]
    public void A_directory_that_makes_way_is_where_the_fresh_one_was()
    {
        using TemporaryDirectory directory = new();
        string fresh = Make(directory, "fresh");
        string place = Make(directory, "place");
        Assert.IsTrue(FileTree.Put(fresh, place));
        Assert.IsTrue(File.Exists(Path.Combine(place, "fresh")));
        Assert.IsTrue(File.Exists(Path.Combine(fresh, "place")));
        Assert.HasCount(2, Directory.GetFileSystemEntries(directory.Path));
    }

    [TestMethod]
    public void A_directory_is_made_with_its_mode_and_one_that_was_made_meanwhile_stays()
    {
        using TemporaryDirectory directory = new();
        const UnixFileMode Mode = UnixFileMode.StickyBit | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute;
        string longest = Path.Combine(directory.Path, new string('d', 255));
        FileTree.Make(longest, Mode);
        Assert.AreEqual(Mode, File.GetUnixFileMode(longest));
        string taken = Make(directory, "taken");
        FileTree.Make(taken, FileTree.PrivateMode);
        Assert.IsTrue(File.Exists(Path.Combine(taken, "taken")));
        Assert.AreNotEqual(FileTree.PrivateMode, File.GetUnixFileMode(taken));
        string file = Path.Combine(taken, "taken");
        Assert.Throws<IOException>(() => FileTree.Make(file, FileTree.PrivateMode));
        Assert.HasCount(1, Directory.GetFileSystemEntries(taken));
        Assert.HasCount(2, Directory.GetFileSystemEntries(directory.Path));
    }

    [TestMethod]
    public void Whoever_may_not_make_a_directory_is_told_of_that_directory()
    {
        using TemporaryDirectory directory = new();
        string place = Path.Combine(directory.Path, "missing", "place");
        IOException failure = Assert.Throws<IOException>(() => FileTree.Make(place, FileTree.SharedMode));
        StringAssert.StartsWith(failure.Message, $"{place}: ", StringComparison.Ordinal);
        Assert.AreEqual(Posix.ENOENT, failure.HResult);
    }

    private static string Make(TemporaryDirectory directory, string name)
    {
        string path = Path.Combine(directory.Path, name);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, name), name);
        return path;
    }

    [TestMethod]
    [DataRow(UnixFileMode.None)]
    [DataRow(Readable)]
    [DataRow(Readable | UnixFileMode.UserWrite)]
    public void What_even_its_owner_may_not_write_is_deleted_and_what_links_lead_to_stays_as_it_is(UnixFileMode mode)
    {
        using TemporaryDirectory directory = new();
        string target = Directory.CreateDirectory(Path.Combine(directory.Path, "target")).FullName;
        string tree = Path.Combine(directory.Path, "tree");
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(target, Readable);
        using (FileIdentity.Of(OrdinaryUser.IsRoot ? new RunAs(54321, 54321, "nobody", "/") : null))
        {
            string inner = Directory.CreateDirectory(Path.Combine(tree, "a", "b")).FullName;
            File.WriteAllText(Path.Combine(inner, "file"), "");
            File.CreateSymbolicLink(Path.Combine(inner, "link"), target);
            File.SetUnixFileMode(inner, mode);
            File.SetUnixFileMode(Path.GetDirectoryName(inner)!, Readable);
            FileTree.Delete(tree);
        }

        Assert.IsFalse(Path.Exists(tree));
        Assert.AreEqual(Readable, File.GetUnixFileMode(target));
    }

    [TestMethod]
    public void A_link_that_another_put_in_a_directory_s_place_opens_nothing_behind_it()
    {
        if (!OrdinaryUser.IsRoot)
        {
            Assert.Inconclusive("Only root makes what belongs to others.");
        }

        using TemporaryDirectory directory = new();
        File.SetUnixFileMode(directory.Path, UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111);
        string planted = Path.Combine(directory.Path, "planted");
        using (FileIdentity.Of(new RunAs(54321, 54321, "nobody", "/")))
        {
            string own = Directory.CreateDirectory(Path.Combine(directory.Path, "own")).FullName;
            File.SetUnixFileMode(own, Readable);
        }

        File.CreateSymbolicLink(planted, Path.Combine(directory.Path, "own"));
        using (FileIdentity.Of(new RunAs(54321, 54321, "nobody", "/")))
        {
            Assert.Throws<IOException>(() => FileTree.Delete(planted));
        }

        Assert.AreEqual(Readable, File.GetUnixFileMode(Path.Combine(directory.Path, "own")));
    }
}
