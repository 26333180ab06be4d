using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class FileTreeTests
{
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

    private static string Make(TemporaryDirectory directory, string name)
    {
        string path = Path.Combine(directory.Path, name);
        Directory.CreateDirectory(path);
        File.WriteAllText(Path.Combine(path, name), name);
        return path;
    }
}
