using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>What one reader was put through.</summary>
internal sealed class FuzzCount
{
    internal long Inputs { get; set; }

    internal TimeSpan Time { get; set; }

    internal TimeSpan Slowest { get; set; }

    internal long MostMemory { get; set; }

    /// <summary>Each different outcome with how often it came.</summary>
    internal Dictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);
}

/// <summary>
/// Gives readers inputs for a time, one after the other. An input with an outcome that no other had is kept, and mutated further. The
/// sequence of a reader's inputs depends on the seed alone.
/// </summary>
/// <param name="seed">Decides everything but where the time ends.</param>
/// <param name="failures">The directory that inputs are saved in which break something.</param>
internal sealed class FuzzRun(int seed, string failures)
{
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);

    internal SortedDictionary<string, FuzzCount> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Runs all targets for a time, in turns.</summary>
    /// <returns>What broke: for each target at most one text, with how to see it again.</returns>
    internal async Task<IReadOnlyList<string>> RunAsync(IReadOnlyList<FuzzTarget> targets, TimeSpan time)
    {
        List<string> broken = [];
        Session[] sessions = [.. targets.Select(target => new Session(target, seed))];
        foreach (Session session in sessions)
        {
            Counts.Add(session.Target.Name, session.Count);
        }

        Stopwatch watch = Stopwatch.StartNew();
        TimeSpan slice = TimeSpan.FromSeconds(Math.Min(Slice.TotalSeconds, time.TotalSeconds / targets.Sum(target => target.Weight)));
        while (watch.Elapsed < time && sessions.Any(session => !session.Broken))
        {
            foreach (Session session in sessions.Where(session => !session.Broken))
            {
                if (await session.RunAsync(slice * session.Target.Weight) is { } failure)
                {
                    broken.Add(await SaveAsync(session.Target, failure.Input, failure.Why));
                }
            }
        }

        return broken;
    }

    /// <summary>The counts as a table of Markdown.</summary>
    internal string Table()
    {
        StringBuilder text = new("| reader | inputs | a second | different outcomes | slowest, ms | most memory, MB |\n|---|---|---|---|---|---|\n");
        foreach ((string name, FuzzCount count) in Counts)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {count.Inputs:N0} | {count.Inputs / Math.Max(count.Time.TotalSeconds, 0.001):N0} ")
                .Append(CultureInfo.InvariantCulture, $"| {count.Outcomes.Count} | {count.Slowest.TotalMilliseconds:N0} | {count.MostMemory / 1e6:N1} |\n");
        }

        return text.ToString();
    }

    /// <summary>How often each code came, for each reader.</summary>
    internal string Codes()
    {
        StringBuilder text = new();
        foreach ((string name, FuzzCount count) in Counts)
        {
            IEnumerable<string> codes = count.Outcomes
                .GroupBy(pair => pair.Key.StartsWith("LAVA", StringComparison.Ordinal) ? pair.Key[..8] : "taken", pair => pair.Value)
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key} {group.Sum()}"));
            text.Append(name).Append(": ").AppendJoin(", ", codes).Append('\n');
        }

        return text.ToString();
    }

    private async Task<string> SaveAsync(FuzzTarget target, byte[] input, Exception why)
    {
        Directory.CreateDirectory(failures);
        string path = Path.Combine(failures, $"{target.Name}-{seed}");
        await File.WriteAllBytesAsync(path, input);
        return $"{target.Name} broke on an input of {input.Length} bytes with the seed {seed}. Again: "
            + $"{FuzzTests.InputVariable}={path} {FuzzTests.TargetVariable}={target.Name} dotnet test tests/Lava.Build.Tasks.Tests --filter FullyQualifiedName~Fuzzing\n{why}";
    }

    /// <summary>Gives a target one input, with all its limits.</summary>
    internal static async Task<(string Outcome, TimeSpan Time, long Memory)> TryAsync(FuzzTarget target, byte[] input)
    {
        long before = GC.GetTotalAllocatedBytes();
        Stopwatch watch = Stopwatch.StartNew();
        string outcome = await Task.Run(() => target.RunAsync(input)).WaitAsync(target.TimeLimit);
        long memory = GC.GetTotalAllocatedBytes() - before;
        return memory <= target.MemoryLimit ? (outcome, watch.Elapsed, memory) : throw new AssertFailedException($"{memory} bytes were allocated for it");
    }

    /// <summary>A target with its random numbers and inputs so far.</summary>
    private sealed class Session
    {
        private const int KeptInputs = 3000;
        private const int KeptSize = 32 << 10;
        private readonly Random _random;
        private readonly List<byte[]> _inputs;
        private int _unmutated;

        internal Session(FuzzTarget target, int seed)
        {
            Target = target;
            _random = new Random(seed);
            _inputs = [.. target.Seeds()];
        }

        internal FuzzTarget Target { get; }

        internal FuzzCount Count { get; } = new();

        internal bool Broken { get; private set; }

        internal async Task<(byte[] Input, Exception Why)?> RunAsync(TimeSpan time)
        {
            Stopwatch watch = Stopwatch.StartNew();
            do
            {
                byte[] input = NextInput();
                try
                {
                    (string outcome, TimeSpan took, long memory) = await TryAsync(Target, input);
                    Take(input, outcome, took, memory);
                }
                catch (Exception failure)
                {
                    // Whatever it is: nothing but refusals may come out of a reader, and those are outcomes.
                    Broken = true;
                    return (input, failure);
                }
            }
            while (watch.Elapsed < time);
            Count.Time += watch.Elapsed;
            return null;
        }

        private byte[] NextInput()
        {
            if (_unmutated < _inputs.Count && Count.Inputs == _unmutated)
            {
                return _inputs[_unmutated++];
            }

            byte[] input = _inputs[_random.Next(_inputs.Count)];
            for (int times = 1 + (int)(Math.Pow(_random.NextDouble(), 2) * 6); times > 0; times--)
            {
                input = Target.Mutate(_random, input, _inputs[_random.Next(_inputs.Count)]);
            }

            return input;
        }

        private void Take(byte[] input, string outcome, TimeSpan time, long memory)
        {
            Count.Inputs++;
            Count.Slowest = time > Count.Slowest ? time : Count.Slowest;
            Count.MostMemory = Math.Max(Count.MostMemory, memory);
            if (!Count.Outcomes.TryGetValue(outcome, out long times) && Count.Inputs > _unmutated && _inputs.Count < KeptInputs && input.Length <= KeptSize)
            {
                _inputs.Add(input);
            }

            Count.Outcomes[outcome] = times + 1;
        }
    }
}
