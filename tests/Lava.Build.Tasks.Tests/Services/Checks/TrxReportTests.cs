using System.Xml.Linq;
using Lava.Build.Services;
using Lava.Build.Services.Checks;

namespace Lava.Build.Tests.Services.Checks;

[TestClass]
public sealed class TrxReportTests
{
    private static readonly XNamespace Team = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly CheckResult[] Results =
    [
        new(new CheckDescription { Name = "home page" }, Start, TimeSpan.FromMilliseconds(1234.5), null),
        new(new CheckDescription { Name = "<queue> & \"more\"" }, Start, TimeSpan.FromSeconds(1), new CheckFailure("It ended with 3.", ["one", "\u001b[31mtwo"])),
    ];

    [TestMethod]
    public void Each_check_has_a_result_a_definition_and_an_entry_that_lead_to_each_other()
    {
        XElement run = Read();
        foreach (XElement result in run.Descendants(Team + "UnitTestResult"))
        {
            string test = result.Attribute("testId")!.Value;
            string execution = result.Attribute("executionId")!.Value;
            XElement definition = run.Descendants(Team + "UnitTest").Single(element => element.Attribute("id")!.Value == test);
            Assert.AreEqual(execution, definition.Element(Team + "Execution")!.Attribute("id")!.Value);
            Assert.AreEqual(result.Attribute("testName")!.Value, definition.Attribute("name")!.Value);
            Assert.AreEqual("sample", definition.Element(Team + "TestMethod")!.Attribute("className")!.Value);
            XElement entry = run.Descendants(Team + "TestEntry").Single(element => element.Attribute("testId")!.Value == test);
            Assert.AreEqual(execution, entry.Attribute("executionId")!.Value);
            string list = entry.Attribute("testListId")!.Value;
            Assert.IsTrue(run.Descendants(Team + "TestList").Any(element => element.Attribute("id")!.Value == list));
        }

        CollectionAssert.AreEqual(
            new[] { "home page Passed", "<queue> & \"more\" Failed" },
            run.Descendants(Team + "UnitTestResult").Select(element => $"{element.Attribute("testName")!.Value} {element.Attribute("outcome")!.Value}").ToArray());
    }

    [TestMethod]
    public void Times_and_numbers_are_those_of_the_results()
    {
        XElement run = Read();
        XElement first = run.Descendants(Team + "UnitTestResult").First();
        Assert.AreEqual(TimeSpan.FromMilliseconds(1234.5), TimeSpan.Parse(first.Attribute("duration")!.Value, null));
        Assert.AreEqual(Start, DateTimeOffset.Parse(first.Attribute("startTime")!.Value, null));
        Assert.AreEqual(Start + TimeSpan.FromMilliseconds(1234.5), DateTimeOffset.Parse(first.Attribute("endTime")!.Value, null));
        XElement summary = run.Element(Team + "ResultSummary")!;
        Assert.AreEqual("Failed", summary.Attribute("outcome")!.Value);
        XElement counters = summary.Element(Team + "Counters")!;
        Assert.AreEqual("2 1 1", $"{counters.Attribute("total")!.Value} {counters.Attribute("passed")!.Value} {counters.Attribute("failed")!.Value}");
    }

    [TestMethod]
    public void A_failure_has_its_message_and_its_output_whatever_characters_they_hold()
    {
        XElement output = Read().Descendants(Team + "Output").Single();
        Assert.AreEqual("It ended with 3.", output.Element(Team + "ErrorInfo")!.Element(Team + "Message")!.Value);
        Assert.AreEqual("one\n\\x1b[31mtwo", output.Element(Team + "StdOut")!.Value);
    }

    [TestMethod]
    public void A_check_has_the_same_id_in_every_run_and_each_run_its_own()
    {
        (XElement one, XElement other) = (Read(), Read());
        Assert.AreNotEqual(one.Attribute("id")!.Value, other.Attribute("id")!.Value);
        CollectionAssert.AreEqual(Ids(one), Ids(other));
        Assert.AreEqual(2, Ids(one).Distinct().Count());
    }

    private static string[] Ids(XElement run) => [.. run.Descendants(Team + "UnitTest").Select(element => element.Attribute("id")!.Value)];

    private static XElement Read() =>
        XDocument.Parse(TrxReport.ToText("sample", "/p/instance.proj", "host", "me", Results, Start, Start + TimeSpan.FromSeconds(2))).Root!;
}
