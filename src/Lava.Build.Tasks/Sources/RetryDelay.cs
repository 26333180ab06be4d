namespace Lava.Build.Sources;

/// <summary>How long to wait before something transient is tried again.</summary>
internal static class RetryDelay
{
    /// <summary>No wait is longer, whatever a server asks for.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>Doubles from <paramref name="first"/> on, and spreads clients that failed together.</summary>
    /// <param name="first">The wait before the first new try.</param>
    /// <param name="tried">New tries so far, from 0.</param>
    /// <param name="asked">What the server asks for at least (RFC 9110, 10.2.3), or null.</param>
    /// <param name="chance">A random number from 0 to below 1.</param>
    internal static TimeSpan Of(TimeSpan first, int tried, TimeSpan? asked, double chance)
    {
        double doubled = first.TotalSeconds * Math.Pow(2, Math.Min(tried, 30));
        double spread = Math.Max(asked?.TotalSeconds ?? 0, Math.Min(doubled, Longest.TotalSeconds)) * (1 + (chance / 2));
        return TimeSpan.FromSeconds(Math.Min(spread, Longest.TotalSeconds));
    }
}
