using Lava.Build.Releases;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class SuppliersTests
{
    [TestMethod]
    [DataRow("usr/share/doc/lava-doc/html", "Add the component 'lava-doc', or leave it out with Excludes=\"a/l\".")]
    [DataRow("usr/share/doc/lava-doc", "Add the component 'lava-doc', or leave it out with Excludes=\"a/l\".")]
    [DataRow("usr/share/doc", "Leave it out with Excludes=\"a/l\", or add a component that has it.")]
    [DataRow("usr/lib/x.so", "Leave it out with Excludes=\"a/l\", or add a component that has it.")]
    [DataRow(null, "Leave it out with Excludes=\"a/l\", or add a component that has it.")]
    public void What_would_supply_a_missing_path_is_guessed(string? target, string hint) =>
        Assert.AreEqual(hint, Suppliers.Hint(new DanglingLink("a/l", target, "a")));
}
