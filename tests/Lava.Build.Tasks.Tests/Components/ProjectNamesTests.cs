using System.Text.RegularExpressions;
using Lava.Build.Components;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed partial class ProjectNamesTests
{
    [TestMethod]
    public void Every_documented_property_and_item_is_known_and_no_other()
    {
        string reference = File.ReadAllText(Repository.At("docs", "reference.md"));
        string[] items = [.. ItemPattern().Matches(reference).Select(match => match.Groups[1].Value)];
        CollectionAssert.AreEquivalent(items, ProjectNames.Items.ToArray());
        string[] properties = [.. PropertyPattern().Matches(reference).Select(match => match.Groups[1].Value).Distinct()];
        CollectionAssert.AreEquivalent(properties, ProjectNames.Properties.ToArray());
    }

    [TestMethod]
    public void No_two_known_names_are_so_near_that_one_could_be_taken_for_the_other()
    {
        foreach (string name in ProjectNames.Properties)
        {
            Assert.IsNull(ProjectNames.Meant(ProjectNames.Properties.Where(other => other != name), name), name);
        }
    }

    [TestMethod]
    [DataRow("lavaoffline", null)]
    [DataRow("LavaOfflin", "LavaOffline")]
    [DataRow("LvaOffline", "LavaOffline")]
    [DataRow("JavaOffline", null)]
    [DataRow("LavaSite", null)]
    [DataRow("Label", null)]
    public void A_name_is_meant_that_differs_by_a_letter_or_two(string written, string? meant) =>
        Assert.AreEqual(meant, ProjectNames.Meant(ProjectNames.Properties, written));

    [GeneratedRegex(@"^### (Lava\w+)$", RegexOptions.Multiline)]
    private static partial Regex ItemPattern();

    [GeneratedRegex(@"^\| `(Lava\w+)`", RegexOptions.Multiline)]
    private static partial Regex PropertyPattern();
}
