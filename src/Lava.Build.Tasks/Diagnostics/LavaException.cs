namespace Lava.Build.Diagnostics;

/// <summary>An expected failure: one or more problems to show to the user, without a stack trace.</summary>
public sealed class LavaException : Exception
{
    /// <summary>Carries <paramref name="problems"/>, at least one.</summary>
    public LavaException(IReadOnlyList<Problem> problems, Exception? inner = null)
        : base(string.Join(Environment.NewLine, problems.Select(problem => $"{problem.Code}: {problem.Text}")), inner) =>
        Problems = problems;

    /// <summary>What to show, in this order.</summary>
    public IReadOnlyList<Problem> Problems { get; }

    /// <summary>Throws if there is an error among <paramref name="problems"/>; warnings go to <paramref name="log"/>.</summary>
    public static void ThrowIfAny(IReadOnlyCollection<Problem> problems, IBuildLog log)
    {
        foreach (Problem warning in problems.Where(problem => problem.Severity == Severity.Warning))
        {
            log.Warn(warning);
        }

        Problem[] errors = [.. problems.Where(problem => problem.Severity == Severity.Error)];
        if (errors.Length > 0)
        {
            throw new LavaException(errors);
        }
    }
}
