using System.Diagnostics;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>When a build is killed: at a moment of its run, or soon after something has appeared or gone on disk.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Seen">What is waited for first; null to wait for nothing.</param>
/// <param name="Gone">Whether it must have gone again.</param>
/// <param name="Spread">The kill comes at a random moment of this time afterwards.</param>
internal sealed record KillMoment(string Name, Func<bool>? Seen, bool Gone, TimeSpan Spread)
{
    /// <summary>Waits for the moment; false if the build ended before it.</summary>
    public bool Await(BuildProcess build, Random random)
    {
        if (Seen is not null && (!Until(Seen, build) || (Gone && !Until(() => !Seen(), build))))
        {
            return false;
        }

        long start = Stopwatch.GetTimestamp();
        TimeSpan wait = Spread * random.NextDouble();
        return Until(() => Stopwatch.GetElapsedTime(start) >= wait, build);
    }

    private static bool Until(Func<bool> condition, BuildProcess build)
    {
        while (!build.HasEnded)
        {
            if (condition())
            {
                return true;
            }

            // As short as a sleep can be: windows between two renames are.
            Thread.Sleep(TimeSpan.FromMilliseconds(0.2));
        }

        return false;
    }
}
