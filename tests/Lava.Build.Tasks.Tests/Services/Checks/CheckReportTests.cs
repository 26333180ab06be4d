using Lava.Build.Services;
using Lava.Build.Services.Checks;

namespace Lava.Build.Tests.Services.Checks;

[TestClass]
public sealed class CheckReportTests
{
    [TestMethod]
    [DataRow(0.4, "< 1 ms")]
    [DataRow(12.6, "12 ms")]
    [DataRow(3_400, "3 s")]
    [DataRow(63_000, "1 m 3 s")]
    [DataRow(3_723_000, "1 h 2 m")]
    public void A_duration_has_its_two_largest_units(double milliseconds, string expected) =>
        Assert.AreEqual(expected, CheckReport.Duration(TimeSpan.FromMilliseconds(milliseconds)));

    [TestMethod]
    public void A_result_is_told_as_a_test_is()
    {
        CollectionAssert.AreEqual(new[] { "  Passed home page [12 ms]" }, CheckReport.Lines(Result("home page", null)).ToArray());
        CollectionAssert.AreEqual(
            new[]
            {
                "  Failed home page [12 ms]", "  Error Message:", "   Expected a, and it was b.", "  Standard Output Messages:", "   one", "   two",
            },
            CheckReport.Lines(Result("home page", new CheckFailure("Expected a, and it was b.", ["one", "two"]))).ToArray());
    }

    [TestMethod]
    public void The_summary_has_the_numbers_where_those_who_read_it_expect_them()
    {
        CheckResult[] results = [Result("a", null), Result("b", null), Result("c", new CheckFailure("no"))];
        Assert.AreEqual(
            "Failed!  - Failed:     1, Passed:     2, Skipped:     0, Total:     3, Duration: 1 s - sample",
            CheckReport.Summary("sample", results, TimeSpan.FromSeconds(1)));
        Assert.StartsWith("Passed!  - Failed:     0, Passed:     2,", CheckReport.Summary("sample", results[..2], TimeSpan.FromSeconds(1)));
    }

    [TestMethod]
    public void Of_much_output_the_last_lines_are_kept_and_long_ones_cut()
    {
        IReadOnlyList<string> lines = CheckFailure.WithLastLines("", string.Join('\n', [.. Enumerable.Range(0, 100).Select(i => $"line {i}  "), "", new string('x', 1000)])).Lines;
        Assert.HasCount(20, lines);
        Assert.AreEqual("line 81", lines[0]);
        Assert.AreEqual(new string('x', 200) + "…", lines[^1]);
    }

    private static CheckResult Result(string name, CheckFailure? failure) =>
        new(new CheckDescription { Name = name }, DateTimeOffset.UnixEpoch, TimeSpan.FromMilliseconds(12), failure);
}
