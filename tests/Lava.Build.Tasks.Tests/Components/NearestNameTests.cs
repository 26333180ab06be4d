using Lava.Build.Components;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class NearestNameTests
{
    [TestMethod]
    [DataRow("Versoin", "Version")]
    [DataRow("version", "Version")]
    [DataRow("SHA-256", "Sha256")]
    [DataRow("Override", "Overrides")]
    [DataRow("Sorce", "Source")]
    [DataRow("Zebra", null)]
    public void The_nearest_name_is_found_without_regard_to_case(string written, string? meant) =>
        Assert.AreEqual(meant, NearestName.Among(["Source", "Version", "Sha256", "Overrides", "Url"], written));

    [TestMethod]
    public void Of_equally_near_names_the_first_is_taken() => Assert.AreEqual("ab", NearestName.Among(["ab", "ac"], "a"));

    [TestMethod]
    public void Nothing_is_near_where_there_is_nothing() => Assert.IsNull(NearestName.Among([], "a"));

    [TestMethod]
    public void Where_nothing_is_near_the_advice_lists_what_is_known()
    {
        Assert.AreEqual(" Did you mean 'Version'?", NearestName.Advice(["Source", "Version"], "Versoin"));
        Assert.AreEqual(" Known: Source, Version.", NearestName.Advice(["Source", "Version"], "Zebra"));
    }
}
