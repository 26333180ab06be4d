using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class ArchiveFaultsTests
{
    [TestMethod]
    [DataRow("a", 300, 201)]
    [DataRow("\x01", 300, 201)]
    [DataRow("\x01", 50, 200)]
    [DataRow("a", 200, 200)]
    public void Text_of_an_archive_is_cut_by_what_is_shown_of_it(string letter, int count, int shown) =>
        Assert.AreEqual(shown, ArchiveFaults.Printable(string.Concat(Enumerable.Repeat(letter, count))).Length);
}
