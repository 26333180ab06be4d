namespace Lava.Build.Services.Checks;

/// <summary>What came of one check.</summary>
/// <param name="Check">The check.</param>
/// <param name="Started">When it began.</param>
/// <param name="Duration">How long it took.</param>
/// <param name="Failure">Why it failed; null if it passed.</param>
public sealed record CheckResult(CheckDescription Check, DateTimeOffset Started, TimeSpan Duration, CheckFailure? Failure)
{
    /// <summary>Whether all was as expected.</summary>
    public bool Passed => Failure is null;
}

/// <summary>Why a check failed.</summary>
/// <param name="Message">What was expected and what was seen, in a sentence.</param>
/// <param name="Lines">The last lines of what it printed or answered.</param>
public sealed record CheckFailure(string Message, IReadOnlyList<string> Lines)
{
    /// <summary>A failure without an answer.</summary>
    public CheckFailure(string message)
        : this(message, [])
    {
    }

    /// <summary>A failure with the last lines of <paramref name="text"/>, each cut where it is too long to be read.</summary>
    public static CheckFailure WithLastLines(string message, string text) => new(message, LastOf(text.Split('\n')));

    private static IReadOnlyList<string> LastOf(IEnumerable<string> lines)
    {
        LastLines last = new();
        foreach (string line in lines)
        {
            last.Add(line);
        }

        return last.All;
    }
}
