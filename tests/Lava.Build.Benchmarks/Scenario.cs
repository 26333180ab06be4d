using System.Globalization;

namespace Lava.Build.Benchmarks;

/// <summary>One run of a command.</summary>
/// <param name="Seconds">Wall time of the whole command.</param>
/// <param name="PeakMegabytes">The largest resident set of any one of its processes, in units of 10^6 bytes; 0 if it could not be measured.</param>
internal readonly record struct Sample(double Seconds, double PeakMegabytes = 0);

/// <summary>A row of results: what was timed, in the order of the runs.</summary>
internal sealed record Timings(string Name, IReadOnlyList<Sample> Samples)
{
    internal double Least => Samples.Min(sample => sample.Seconds);

    internal double Most => Samples.Max(sample => sample.Seconds);

    internal double PeakMegabytes => Samples.Max(sample => sample.PeakMegabytes);

    internal double Median
    {
        get
        {
            double[] sorted = [.. Samples.Select(sample => sample.Seconds).Order()];
            int middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }
}

/// <summary>What ours is to reach.</summary>
/// <param name="Text">In words.</param>
/// <param name="Reached">What it reached, from the rows by name.</param>
internal sealed record Goal(string Text, Func<IReadOnlyDictionary<string, Timings>, string> Reached)
{
    /// <summary>A goal in seconds, as the medians of the other rows give it.</summary>
    internal static Goal Seconds(string text, Func<IReadOnlyDictionary<string, Timings>, double> limit) => new(text, rows =>
        string.Create(CultureInfo.InvariantCulture, $"{limit(rows):0.000} ({rows[TimedCommand.Ours].Median / limit(rows):0.00} of it)"));
}

/// <summary>Something that is timed: ours and what it is held against run alternately, each time into new directories.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Title">What is done.</param>
/// <param name="Prepare">Makes what every run needs; gives the commands to time, <c>ours</c> among them.</param>
/// <param name="Goal">What ours is to reach, if something was set.</param>
internal sealed record Scenario(string Name, string Title, Func<Workspace, Task<IReadOnlyList<TimedCommand>>> Prepare, Goal? Goal = null)
{
    /// <summary>Whether a name on the command line means this one.</summary>
    internal bool Answers(string name) => Name == name || Name.StartsWith($"{name}-", StringComparison.Ordinal);

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
/// <param name="Name"><see cref="Ours"/>, or what it is held against.</param>
/// <param name="Run">Runs it; the argument is the number of the run, -1 for the first, uncounted one.</param>
internal sealed record TimedCommand(string Name, Func<int, Task<Sample>> Run)
{
    internal const string Ours = "ours";
    internal const string Bare = "bare dotnet build";

    /// <summary>What <c>dotnet build</c> itself costs.</summary>
    internal static TimedCommand BareBuild(Workspace workspace) => new(Bare, _ => workspace.BuildAsync(workspace.BareProject, workspace.Root));
}
