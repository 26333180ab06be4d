namespace Lava.Build.Benchmarks;

/// <summary>One run of a command.</summary>
/// <param name="Seconds">Wall time of the whole process.</param>
/// <param name="PeakMegabytes">The largest resident set of any of its processes, or 0 where it was not asked for.</param>
internal readonly record struct Sample(double Seconds, double PeakMegabytes = 0);

/// <summary>A row of results: what was timed, in the order of the runs.</summary>
internal sealed record Timings(string Name, IReadOnlyList<Sample> Samples);

/// <summary>Something that is timed: ours and what it is held against run alternately, each time into new directories.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Title">What is done.</param>
/// <param name="Prepare">Makes what every run needs; gives the commands to time.</param>
/// <param name="Limit">What ours is to reach, as a sentence.</param>
/// <param name="LimitSeconds">The same in seconds, from the medians of the others by name.</param>
internal sealed record Scenario(
    string Name,
    string Title,
    Func<Workspace, Task<IReadOnlyList<TimedCommand>>> Prepare,
    string Limit,
    Func<IReadOnlyDictionary<string, double>, double> LimitSeconds)
{
    /// <summary>Runs each command once to warm up, then all of them in turn.</summary>
    internal async Task<IReadOnlyList<Timings>> RunAsync(Workspace workspace, int runs)
    {
        IReadOnlyList<TimedCommand> commands = await Prepare(workspace);
        Dictionary<string, List<Sample>> samples = commands.ToDictionary(command => command.Name, _ => new List<Sample>());
        for (int run = -1; run < runs; run++)
        {
            foreach (TimedCommand command in commands)
            {
                Sample sample = await command.Run(run);
                if (run >= 0)
                {
                    samples[command.Name].Add(sample);
                }
            }
        }

        return [.. commands.Select(command => new Timings(command.Name, samples[command.Name]))];
    }
}

/// <summary>A command that is timed.</summary>
/// <param name="Name"><c>ours</c>, or what it is held against.</param>
/// <param name="Run">Runs it; the argument is the number of the run, -1 for the first, uncounted one.</param>
internal sealed record TimedCommand(string Name, Func<int, Task<Sample>> Run);
