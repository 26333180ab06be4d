using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class RelativePathTests
{
    [TestMethod]
    [DataRow("a", true)]
    [DataRow("a/b c/.d", true)]
    [DataRow("a/", true)]
    [DataRow("...", true)]
    [DataRow("a/..b/c..", true)]
    [DataRow("é'\"$", true)]
    [DataRow("", false)]
    [DataRow("/", false)]
    [DataRow("/a", false)]
    [DataRow(".", false)]
    [DataRow("./a", false)]
    [DataRow("a/./b", false)]
    [DataRow("..", false)]
    [DataRow("../a", false)]
    [DataRow("a/..", false)]
    [DataRow("a/../b", false)]
    [DataRow("a/../", false)]
    [DataRow("a//b", false)]
    [DataRow("a\nb", false)]
    [DataRow("a\0", false)]
    [DataRow("a\u007f", false)]
    public void A_path_is_inside_or_not(string path, bool inside) => Assert.AreEqual(inside, RelativePath.IsInside(path));

    [TestMethod]
    [DataRow("a", "b", "b")]
    [DataRow("a", "b/c", "b/c")]
    [DataRow("a/b", "c", "../c")]
    [DataRow("a/b", "a/c", "c")]
    [DataRow("a/b/c", "a/d/e", "../d/e")]
    [DataRow("a/b/c", "a/b", ".")]
    [DataRow("a/b/c/d", "a/b", "..")]
    [DataRow("a/b", "ab/c", "../ab/c")]
    [DataRow("a/b", "a/b/c", "b/c")]
    public void A_link_leads_from_its_own_directory(string from, string to, string text)
    {
        Assert.AreEqual(text, RelativePath.Between(from, to));

        // As the kernel resolves it.
        Assert.AreEqual("/" + to, Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(from)!, text)));
    }
}
