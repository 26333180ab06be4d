namespace Lava.Build.Services.Supervision;

/// <summary>How an attempt to run a service ended.</summary>
internal enum AttemptEnd
{
    /// <summary>It could not be started.</summary>
    NotStarted,

    /// <summary>It ended before it was healthy.</summary>
    DiedAtStart,

    /// <summary>It did not become healthy in time.</summary>
    NeverHealthy,

    /// <summary>It ended by itself after it had been healthy.</summary>
    Ended,

    /// <summary>It was healthy, and is no more.</summary>
    LostHealth,

    /// <summary>It was stopped because somebody asked for that.</summary>
    Stopped,
}

/// <summary>
/// Decides whether a service is started again; pure, apart from what it remembers. Its limit is one of restarts within a minute, and until it
/// is healthy for the first time of all restarts: a start has an end, however long each try takes.
/// </summary>
internal sealed class RestartBudget(ServiceDescription service)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private readonly Queue<TimeSpan> _restarts = new();

    /// <summary>Whether a service that ended so is started again, and if so, counts that.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="exitCode">Its exit code, if it ended by itself.</param>
    /// <param name="wasHealthy">Whether it has been healthy since the instance started.</param>
    /// <param name="now">The time on a clock that nobody sets.</param>
    internal bool TryRestart(AttemptEnd end, int exitCode, bool wasHealthy, TimeSpan now)
    {
        bool wanted = end switch
        {
            AttemptEnd.Stopped => false,
            // What has never worked so far is not mended by trying longer than it was given.
            AttemptEnd.NotStarted or AttemptEnd.NeverHealthy when !wasHealthy => false,
            AttemptEnd.DiedAtStart or AttemptEnd.Ended when exitCode == 0 => service.Restart == RestartPolicy.Always,
            _ => service.Restart != RestartPolicy.Never,
        };
        while (wasHealthy && _restarts.TryPeek(out TimeSpan oldest) && now - oldest > Window)
        {
            _restarts.Dequeue();
        }

        if (!wanted || _restarts.Count >= service.RestartLimit)
        {
            return false;
        }

        _restarts.Enqueue(now);
        return true;
    }
}
