using System.Globalization;

namespace Lava.Build.Services.Checks;

/// <summary>The lines in which <c>dotnet test</c> tells of tests.</summary>
public static class CheckReport
{
    /// <summary>What heads a list of checks.</summary>
    public const string ListHead = "The following Tests are available:";

    /// <summary>A result, over several lines if it failed.</summary>
    public static IEnumerable<string> Lines(CheckResult result)
    {
        yield return $"  {(result.Passed ? "Passed" : "Failed")} {result.Check.Name} [{Duration(result.Duration)}]";
        if (result.Failure is { } failure)
        {
            yield return "  Error Message:";
            yield return $"   {failure.Message}";
            if (failure.Lines.Count > 0)
            {
                yield return "  Standard Output Messages:";
                foreach (string line in failure.Lines)
                {
                    yield return $"   {line}";
                }
            }
        }
    }

    /// <summary>The last line, with numbers in the columns in which those who look for them expect them.</summary>
    public static string Summary(string instance, IReadOnlyCollection<CheckResult> results, TimeSpan duration)
    {
        int failed = results.Count(result => !result.Passed);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(failed == 0 ? "Passed!  - " : "Failed!  - ")}Failed: {failed,5}, Passed: {results.Count - failed,5}, Skipped: {0,5}, Total: {results.Count,5}, Duration: {Duration(duration)} - {instance}");
    }

    /// <summary>A duration in its two largest units, such as <c>12 ms</c>, <c>3 s</c> or <c>1 m 3 s</c>.</summary>
    public static string Duration(TimeSpan duration) => duration switch
    {
        { TotalMilliseconds: < 1 } => "< 1 ms",
        { TotalSeconds: < 1 } => Text($"{duration.Milliseconds} ms"),
        { TotalMinutes: < 1 } => Text($"{duration.Seconds} s"),
        { TotalHours: < 1 } => Text($"{duration.Minutes} m {duration.Seconds} s"),
        _ => Text($"{(int)duration.TotalHours} h {duration.Minutes} m"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
