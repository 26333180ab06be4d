using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Lava.Build.Services.Checks;

/// <summary>
/// The results as a file of Visual Studio's test results (<c>.trx</c>), which servers and viewers read. Its schema is <c>vstst.xsd</c> of
/// Visual Studio; elements and fixed identifiers are those that <c>dotnet test --logger trx</c> writes.
/// </summary>
public static class TrxReport
{
    private const string UnitTestType = "13cdc9d9-ddb5-4fa4-a97d-d965ccfc6d4b";
    private const string NotInAList = "8c84fa94-04c1-424b-9868-57a2d4851a1d";
    private const string AllLoaded = "19431567-8539-422a-85d7-44ee4e166bda";
    private const string Adapter = "executor://lavacheck/v1";
    private const int GuidLength = 16;

    private static readonly XNamespace Team = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";

    /// <summary>The file's text.</summary>
    /// <param name="instance">The instance's name.</param>
    /// <param name="storage">The project's file.</param>
    /// <param name="machine">The machine's name.</param>
    /// <param name="user">Who runs the checks.</param>
    /// <param name="results">The results.</param>
    /// <param name="started">When the first check began.</param>
    /// <param name="finished">When the last one ended.</param>
    public static string ToText(
        string instance, string storage, string machine, string user, IReadOnlyList<CheckResult> results, DateTimeOffset started, DateTimeOffset finished)
    {
        string name = $"{user}@{machine} {started.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)}";
        (CheckResult Result, Guid Test, Guid Execution)[] tests =
            [.. results.Select(result => (result, IdOf(CheckFilter.FullNameOf(instance, result.Check)), Guid.NewGuid()))];
        XElement run = new(
            Team + "TestRun",
            new XAttribute("id", Guid.NewGuid()),
            new XAttribute("name", name),
            new XAttribute("runUser", user),
            new XElement(
                Team + "Times",
                new XAttribute("creation", Time(started)),
                new XAttribute("queuing", Time(started)),
                new XAttribute("start", Time(started)),
                new XAttribute("finish", Time(finished))),
            new XElement(Team + "Results", tests.Select(test => Result(test.Result, test.Test, test.Execution, machine))),
            new XElement(Team + "TestDefinitions", tests.Select(test => Definition(instance, storage, test.Result.Check, test.Test, test.Execution))),
            new XElement(
                Team + "TestEntries",
                tests.Select(test => new XElement(
                    Team + "TestEntry",
                    new XAttribute("testId", test.Test),
                    new XAttribute("executionId", test.Execution),
                    new XAttribute("testListId", NotInAList)))),
            new XElement(Team + "TestLists", List("Results Not in a List", NotInAList), List("All Loaded Results", AllLoaded)),
            Summary(results));
        return new XDeclaration("1.0", "utf-8", null) + "\n" + run + "\n";
    }

    private static XElement Result(CheckResult result, Guid test, Guid execution, string machine) => new(
        Team + "UnitTestResult",
        new XAttribute("executionId", execution),
        new XAttribute("testId", test),
        new XAttribute("testName", result.Check.Name),
        new XAttribute("computerName", machine),
        new XAttribute("duration", result.Duration.ToString("c", CultureInfo.InvariantCulture)),
        new XAttribute("startTime", Time(result.Started)),
        new XAttribute("endTime", Time(result.Started + result.Duration)),
        new XAttribute("testType", UnitTestType),
        new XAttribute("outcome", result.Passed ? "Passed" : "Failed"),
        new XAttribute("testListId", NotInAList),
        new XAttribute("relativeResultsDirectory", execution),
        result.Failure is { } failure
            ? new XElement(
                Team + "Output",
                failure.Lines.Count == 0 ? null : new XElement(Team + "StdOut", Visible(string.Join('\n', failure.Lines))),
                new XElement(Team + "ErrorInfo", new XElement(Team + "Message", Visible(failure.Message))))
            : null);

    private static XElement Definition(string instance, string storage, CheckDescription check, Guid test, Guid execution) => new(
        Team + "UnitTest",
        new XAttribute("name", check.Name),
        new XAttribute("storage", storage),
        new XAttribute("id", test),
        new XElement(Team + "Execution", new XAttribute("id", execution)),
        new XElement(
            Team + "TestMethod",
            new XAttribute("codeBase", storage),
            new XAttribute("adapterTypeName", Adapter),
            new XAttribute("className", instance),
            new XAttribute("name", check.Name)));

    private static XElement List(string name, string id) => new(Team + "TestList", new XAttribute("name", name), new XAttribute("id", id));

    private static XElement Summary(IReadOnlyList<CheckResult> results)
    {
        int failed = results.Count(result => !result.Passed);
        string[] never =
        [
            "timeout", "aborted", "inconclusive", "passedButRunAborted", "notRunnable", "notExecuted", "disconnected", "warning", "completed",
            "inProgress", "pending",
        ];
        return new XElement(
            Team + "ResultSummary",
            new XAttribute("outcome", failed == 0 ? "Completed" : "Failed"),
            new XElement(
                Team + "Counters",
                new XAttribute("total", results.Count),
                new XAttribute("executed", results.Count),
                new XAttribute("passed", results.Count - failed),
                new XAttribute("failed", failed),
                new XAttribute("error", 0),
                never.Select(counter => new XAttribute(counter, 0))));
    }

    // The same for every run, so that a check's history can be followed.
    private static Guid IdOf(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, GuidLength));

    private static string Time(DateTimeOffset time) => time.ToString("o", CultureInfo.InvariantCulture);

    // XML cannot hold every character, not even escaped, and programs print any.
    private static string Visible(string text) =>
        string.Concat(text.Select(letter => XmlConvert.IsXmlChar(letter) ? letter.ToString() : $"\\x{(int)letter:x2}"));
}
