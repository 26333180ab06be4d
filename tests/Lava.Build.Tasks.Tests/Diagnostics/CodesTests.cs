using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Diagnostics;

/// <summary>Every message has a code, and every code a row in <c>docs/errors.md</c>.</summary>
[TestClass]
public sealed partial class CodesTests
{
    private static readonly (string Name, string Text)[] Resources =
    [
        .. XDocument.Load(Repository.At("src/Lava.Build.Tasks/Diagnostics/Strings.resx")).Root!.Elements("data")
            .Select(data => (data.Attribute("name")!.Value, data.Element("value")!.Value)),
    ];

    private static readonly string[] Rows =
        [.. File.ReadLines(Repository.At("docs/errors.md")).Where(line => line.StartsWith("| LAVA", StringComparison.Ordinal))];

    [TestMethod]
    public void Each_string_starts_with_a_code_of_its_own()
    {
        foreach ((string name, string text) in Resources)
        {
            Assert.MatchesRegex("\\ALAVA[1-9][0-9]{3}: \\S", text, name);
        }

        string[] twice = [.. Resources.GroupBy(resource => resource.Text[..8]).Where(group => group.Count() > 1).Select(group => group.Key)];
        Assert.IsEmpty(twice, string.Join(' ', twice));
    }

    [TestMethod]
    public void Each_string_is_used_and_can_be_filled()
    {
        string code = string.Concat(Repository.Files("src/Lava.Build.Tasks", "*.cs").Select(File.ReadAllText));
        foreach ((string name, string text) in Resources)
        {
            Assert.MatchesRegex($@"Strings\.{name}\b", code);
            object[] arguments = [.. Enumerable.Range(0, 9).Select(i => (object)$"<{i}>")];
            Assert.AreEqual(text[..8], Problem.Error(text, SourceLocation.None, arguments).Code);
        }
    }

    [TestMethod]
    public void Each_code_has_exactly_one_row_and_each_row_a_code()
    {
        string[] used =
        [
            .. Resources.Select(resource => resource.Text[..8])
                // What a release's scripts say stands in their templates.
                .Concat(Repository.Files("src/Lava.Build.Sdk").Concat(Repository.Files("src/Lava.Build.Tasks").Where(IsTemplate)).SelectMany(file => CodePattern().Matches(File.ReadAllText(file)).Select(match => match.Value)))
                .Distinct()
                .Order(StringComparer.Ordinal),
        ];
        string[] documented = [.. Rows.Select(row => row[2..10])];
        Assert.AreEqual("", string.Join(' ', used.Except(documented)), "These codes have no row.");
        Assert.AreEqual("", string.Join(' ', documented.Except(used)), "These rows have no code.");
        Assert.AreEqual("", string.Join(' ', documented.GroupBy(code => code).Where(group => group.Count() > 1).Select(group => group.Key)), "These codes have several rows.");
    }

    [TestMethod]
    public void Each_row_has_a_cause_and_a_cure_and_stands_in_order_in_its_section()
    {
        foreach (string row in Rows)
        {
            Assert.MatchesRegex(@"\A\| LAVA[0-9]{4} \| [^|]+[.)] \| [^|]+\. \|\z", row);
        }

        Assert.IsTrue(Rows.Select(row => row[2..10]).SequenceEqual(Rows.Select(row => row[2..10]).Order(StringComparer.Ordinal)));
        char section = ' ';
        foreach (string line in File.ReadLines(Repository.At("docs/errors.md")))
        {
            section = line.StartsWith("## LAVA", StringComparison.Ordinal) ? line[7] : section;
            Assert.IsTrue(!line.StartsWith("| LAVA", StringComparison.Ordinal) || line[6] == section, line);
        }
    }

    [TestMethod]
    public void A_problem_has_its_code_apart_from_its_text()
    {
        Problem problem = Problem.Warning("LAVA1234: '{0}': bad: {1}", new SourceLocation("f", 1, 2), "a", 5.5);
        Assert.AreEqual(new Problem(Severity.Warning, "LAVA1234", "'a': bad: 5.5", new SourceLocation("f", 1, 2)), problem);
    }

    [TestMethod]
    public void Warnings_are_told_and_errors_thrown_together()
    {
        RecordingLog log = new();
        Problem warning = Problem.Warning("LAVA1111: w", SourceLocation.None);
        Problem[] errors = [Problem.Error("LAVA2222: x", SourceLocation.None), Problem.Error("LAVA3333: y", SourceLocation.None)];
        LavaException.ThrowIfAny([warning], log);
        LavaException failure = Assert.ThrowsExactly<LavaException>(() => LavaException.ThrowIfAny([errors[0], warning, errors[1]], log));
        CollectionAssert.AreEqual(errors, failure.Problems.ToArray());
        Assert.HasCount(2, log.Warnings);
        Assert.AreEqual($"LAVA2222: x{Environment.NewLine}LAVA3333: y", failure.Message);
    }

    private static bool IsTemplate(string file) => file.Contains("/Templates/", StringComparison.Ordinal);

    [GeneratedRegex("LAVA[0-9]{4}")]
    private static partial Regex CodePattern();
}
