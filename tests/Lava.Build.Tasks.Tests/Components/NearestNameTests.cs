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
    [DataRow("", "Url")]
    public void The_nearest_name_is_found_without_regard_to_case(string written, string meant) =>
        Assert.AreEqual(meant, NearestName.Among(["Source", "Version", "Sha256", "Overrides", "Url"], written));

    [TestMethod]
    public void Of_equally_near_names_the_first_is_taken() => Assert.AreEqual("ab", NearestName.Among(["ab", "ac"], "a"));

    [TestMethod]
    public void Nothing_is_near_where_there_is_nothing() => Assert.AreEqual("", NearestName.Among([], "a"));
}
