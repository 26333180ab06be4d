using System.Diagnostics;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Checks;

/// <summary>Carries out the checks of an instance, several at once. A check that cannot be carried out has failed: nothing here throws for it.</summary>
internal sealed class CheckRunner(HttpCheck http, ProgramCheck programs)
{
    // Most of the time is waited for a server; more at once would only be load that the instance has to bear.
    private const int AtOnce = 8;

    /// <summary>Carries out all of <paramref name="checks"/>.</summary>
    /// <param name="checks">The checks.</param>
    /// <param name="onResult">Called for each when it is done, by one thread at a time.</param>
    /// <param name="cancellation">Ends the work, with all programs that were started.</param>
    /// <returns>The results, in the order of <paramref name="checks"/>.</returns>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(
        IReadOnlyList<CheckDescription> checks, Action<CheckResult> onResult, CancellationToken cancellation)
    {
        CheckResult[] results = new CheckResult[checks.Count];
        Lock gate = new();
        ParallelOptions options = new() { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForAsync(0, checks.Count, options, async (i, token) =>
        {
            results[i] = await RunAsync(checks[i], token);
            lock (gate)
            {
                onResult(results[i]);
            }
        });
        return results;
    }

    private async Task<CheckResult> RunAsync(CheckDescription check, CancellationToken cancellation)
    {
        DateTimeOffset started = DateTimeOffset.Now;
        long start = Stopwatch.GetTimestamp();
        CheckFailure? failure = await FailureOfAsync(check, cancellation);
        return new CheckResult(check, started, Stopwatch.GetElapsedTime(start), failure);
    }

    private async Task<CheckFailure?> FailureOfAsync(CheckDescription check, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(check.Timeout));
        LastLines seen = new();
        try
        {
            return await (check switch
            {
                { Http.Length: > 0 } => http.RunAsync(check, limit.Token),
                { Sql.Length: > 0 } => programs.RunSqlAsync(check, seen, limit.Token),
                _ => programs.RunCommandAsync(check, seen, limit.Token),
            });
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new CheckFailure($"It did not end within {check.Timeout} s.", seen.All);
        }
        catch (LavaException failure)
        {
            return new CheckFailure(failure.Message);
        }
    }
}
