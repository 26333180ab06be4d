using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class TreeMetadataTests
{
    [TestMethod]
    public void What_only_a_tree_can_have_is_refused_of_a_component_that_is_used_in_place()
    {
        ComponentReference local = new()
        {
            Name = "a",
            Source = "local",
            Sha256 = new string('0', 64),
            Metadata = new Dictionary<string, string> { ["Path"] = ".", ["Excludes"] = "doc" },
        };
        Problem[] problems = [.. ComponentChecks.Check([local], "/")];
        CollectionAssert.AreEqual(new[] { "LAVA1005", "LAVA1005" }, problems.Select(problem => problem.Code).ToArray());
        Assert.Contains("'Excludes'", problems[0].Text);
        Assert.Contains("'Sha256'", problems[1].Text);
    }

    [TestMethod]
    public void An_archive_may_have_both()
    {
        ComponentReference archive = new()
        {
            Name = "a",
            Source = "archive",
            Version = "1",
            Sha256 = new string('0', 64),
            Metadata = new Dictionary<string, string> { ["Path"] = "a.tar", ["Excludes"] = "doc" },
        };
        Assert.IsEmpty(ComponentChecks.Check([archive], "/"));
    }

    [TestMethod]
    [DataRow("{\"version\": 1, \"components\": {\"a\": {\"source\": \"\\ud800\"}}}")]
    [DataRow("{\"version\": 1, \"components\": {\"a\": {\"source\": \"local\", \"file\": \"\u00e4\"}}}")]
    public void A_lock_file_that_is_no_UTF_8_is_told_as_such(string text)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "a.lock.json");
        File.WriteAllText(path, text, System.Text.Encoding.Latin1);
        Problem problem = Assert.ThrowsExactly<LavaException>(() => LockFile.Read(path)).Problems.Single();
        Assert.AreEqual("LAVA1012", problem.Code);
    }
}
