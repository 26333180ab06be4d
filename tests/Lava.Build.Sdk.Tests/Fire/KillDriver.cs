using System.Diagnostics;
using System.Globalization;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>
/// Kills builds, looks at what they leave, and lets the next build put it right. Cache, project and one instance are the same all the
/// time, so that what one kill damaged would meet the next.
/// </summary>
internal sealed class KillDriver(FireProject fire, int signal, int seed)
{
    private const string Main = "main";
    private const string Second = "second";
    private static readonly TimeSpan Window = TimeSpan.FromMilliseconds(25);

    private readonly Random _random = new(seed);
    private readonly Dictionary<KillScenario, TimeSpan> _durations = [];
    private readonly Dictionary<(string Instance, int Version), string> _releases = [];
    private readonly Dictionary<string, int> _built = [];
    private int _version = 1;
    private int _previous;
    private int _newest = 1;
    private string _last = "";

    /// <summary>How often each moment was hit, and what was found right after the kill.</summary>
    public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

    /// <summary>Builds that had ended before their moment came.</summary>
    public int TooLate { get; private set; }

    /// <summary>Builds without a kill, to know how long they take; the second version is what is rolled back to.</summary>
    public async Task PrepareAsync()
    {
        foreach (KillScenario scenario in (KillScenario[])
            [KillScenario.ChangedVersion, KillScenario.ChangedVersion, KillScenario.Rollback, KillScenario.ColdCache, KillScenario.SecondInstance])
        {
            string name = Arrange(scenario);
            long start = Stopwatch.GetTimestamp();
            using BuildProcess build = new(fire.Project, FireProject.BuildArguments(name));
            (await build.WaitAsync()).Succeeds();
            _durations[scenario] = Stopwatch.GetElapsedTime(start);
            await CheckBuiltAsync(name);
        }
    }

    /// <summary>Kills <paramref name="count"/> builds.</summary>
    public async Task RunAsync(int count)
    {
        for (int kills = 0; kills < count;)
        {
            KillScenario scenario = (KillScenario)_random.Next(4);
            string name = Arrange(scenario);
            string? before = InstanceCheck.Current(fire.InstanceOf(name));
            KillMoment moment = Choose(scenario, name);
            bool saysDone = false;
            _last = $"{scenario}, {moment.Name}, of {before} by version {_version}";
            long start = Stopwatch.GetTimestamp();
            using BuildProcess build = new(fire.Project, FireProject.BuildArguments(name));
            if (moment.Await(build, _random))
            {
                build.Signal(signal);
                CommandResult killed = await build.WaitAsync();
                CheckWords(killed);
                // On SIGTERM MSBuild says so of what was not finished, too.
                saysDone = signal == BuildProcess.SigInt && killed.ExitCode == 0;
                kills++;
                Count($"1 {scenario}");
                Count($"2 {moment.Name}");
                CheckKilled(build, name, before);
            }
            else
            {
                TooLate++;
                (await build.WaitAsync()).Succeeds();
                _durations[scenario] = Stopwatch.GetElapsedTime(start);
            }

            string? between = InstanceCheck.Current(fire.InstanceOf(name));
            using BuildProcess next = new(fire.Project, FireProject.BuildArguments(name));
            (await next.WaitAsync()).Succeeds().DoesNotSay("warning");
            await CheckBuiltAsync(name);
            string now = InstanceCheck.Current(fire.InstanceOf(name))!;
            Assert.IsTrue(between == before || between == now, $"{name} ran {before}, {between} after the kill, and {now} in the end");
            Assert.IsTrue(!saysDone || between == now, $"{name} ran {between} after a build that ended well, and {now} in the end");
        }
    }

    /// <summary>Makes the state that a build is started in.</summary>
    /// <returns>The instance to build.</returns>
    private string Arrange(KillScenario scenario)
    {
        switch (scenario)
        {
            case KillScenario.ColdCache:
                fire.DeleteCache();
                DeleteSecond();
                File.Delete(fire.Project.LockFile);
                return Second;
            case KillScenario.SecondInstance:
                DeleteSecond();
                return Second;
            case KillScenario.Rollback:
                (_version, _previous) = (_previous, _version);
                break;
            default:
                (_version, _previous) = (++_newest, _version);
                break;
        }

        fire.Describe(_version);
        if (File.Exists(CommandMark(Main)))
        {
            File.Delete(CommandMark(Main));
        }

        return Main;
    }

    private void DeleteSecond()
    {
        fire.DeleteInstance(Second);
        _built.Remove(Second);
    }

    private KillMoment Choose(KillScenario scenario, string name)
    {
        if (_random.Next(2) == 0)
        {
            return new KillMoment("any moment", null, false, _durations[scenario]);
        }

        string instance = fire.InstanceOf(name);
        string code = Path.Combine(instance, "code");
        List<KillMoment> moments =
        [
            new("staging in the store", () => Any(Path.Combine(code, ".store"), ".staging-*"), false, Window),
            new("after the store", () => Any(Path.Combine(code, ".store"), ".staging-*"), true, Window),
            new("staging a release", () => Any(code, ".staging-*"), false, Window),
            new("while a command runs", () => File.Exists(CommandMark(name)), false, Window),
            new("after the release, at the switch", () => Any(code, ".staging-*"), true, Window),
            new("at the switch", () => Any(code, "current.*.tmp") || Any(instance, "bin.*.tmp") || Any(Path.Combine(instance, "etc"), "*.tmp"), false, Window / 10),
        ];
        string? locked = Text(fire.Project.LockFile);
        KillMoment resolved = new("after the lock file", () => Text(fire.Project.LockFile) != locked, false, _durations[scenario] / 2);
        if (scenario == KillScenario.Rollback)
        {
            moments = [resolved];
        }
        else if (scenario != KillScenario.SecondInstance)
        {
            string trees = Path.Combine(fire.Cache, "trees");
            moments.AddRange([
                resolved,
                new("fetching", () => Any(Path.Combine(fire.Cache, "incoming"), "*"), false, Window),
                new("unpacking", () => Any(trees, ".staging-*"), false, Window * 2),
                new("after unpacking", () => Any(trees, ".staging-*"), true, Window),
            ]);
        }

        return moments[_random.Next(moments.Count)];
    }

    // What is interrupted has met no fault of ours or the user's. MSBuild's own reaction to Ctrl-C sometimes fails, when the build has ended.
    private static void CheckWords(CommandResult killed)
    {
        killed.DoesNotSay("at Lava.Build.").DoesNotSay("MSB4018");
        Assert.IsFalse(killed.Errors.Concat(killed.Warnings).Any(each => each.Code.StartsWith("LAVA", StringComparison.Ordinal)), killed.ToString());
    }

    private void CheckKilled(BuildProcess build, string name, string? before)
    {
        // A signal is delivered soon, not at once.
        Assert.IsTrue(
            SpinWait.SpinUntil(() => build.Survivors().Count == 0, TimeSpan.FromSeconds(20)), $"still running: {string.Join('\n', build.Survivors())}");
        string[] faults = [.. CacheCheck.PublishedFaults(fire.Cache)];
        Assert.IsEmpty(faults, string.Join('\n', faults));
        Record(fire.InstanceOf(name), before);
        CheckRunning(Main);
        string second = fire.InstanceOf(Second);
        if (InstanceCheck.Current(second) is not null)
        {
            CheckRunning(Second);
        }
        else
        {
            Assert.IsFalse(Path.Exists(Path.Combine(second, "bin")), "bin without a release");
        }
    }

    // As it was built before, or as it was to be built, but whole.
    private void CheckRunning(string name)
    {
        string instance = fire.InstanceOf(name);
        string[] faults = [.. InstanceCheck.ReleaseFaults(instance)];
        Assert.IsEmpty(faults, string.Join('\n', faults));
        string said = Say(instance);
        Assert.IsTrue(
            said == $"alpha {_version}" || (_built.TryGetValue(name, out int built) && said == $"alpha {built}"),
            $"{name} says {said}; it was to become version {_version}");
    }

    private void Record(string instance, string? before)
    {
        Dictionary<string, bool> found = new()
        {
            ["a part of a download"] = Any(Path.Combine(fire.Cache, "incoming"), "*"),
            ["a half unpacked tree"] = Any(Path.Combine(fire.Cache, "trees"), ".staging-*"),
            ["a half linked store"] = Any(Path.Combine(instance, "code", ".store"), ".staging-*"),
            ["a half written release"] = Any(Path.Combine(instance, "code"), ".staging-*"),
            ["a temporary file or link"] = (Directory.Exists(instance) && InstanceCheck.Leftovers(instance).Any(path => path.EndsWith(".tmp", StringComparison.Ordinal)))
                || Any(fire.Project.Path, "*.tmp"),
            ["the switch made"] = InstanceCheck.Current(instance) != before,
        };
        foreach ((string what, _) in found.Where(pair => pair.Value))
        {
            Count($"3 {what}");
        }
    }

    private async Task CheckBuiltAsync(string name)
    {
        string instance = fire.InstanceOf(name);
        string release = InstanceCheck.Current(instance) ?? throw new AssertFailedException($"{instance} has no release");
        if (!_releases.TryAdd((name, _version), release))
        {
            Assert.AreEqual(_releases[(name, _version)], release);
        }

        _built[name] = _version;
        string[] faults =
        [
            .. InstanceCheck.ReleaseFaults(instance),
            .. InstanceCheck.Leftovers(instance),
            .. InstanceCheck.Leftovers(fire.Cache),
            .. CacheCheck.Faults(fire.Cache),
            .. ProjectLeftovers(),
        ];
        Assert.IsEmpty(faults, string.Join('\n', faults));
        Assert.AreEqual($"alpha {_version}", Say(instance));
        Assert.AreEqual($"alpha {_version}", await File.ReadAllTextAsync(Path.Combine(instance, "code", "current", "checked.txt")) is { } text ? text.TrimEnd() : "");
        Assert.AreEqual($"version {_version} of {name}\n", await File.ReadAllTextAsync(Path.Combine(instance, "etc", "alpha.conf")));
        CommandResult python = await fire.Project.RunAsync(Path.Combine(instance, "bin", "python"), "-c", "import fire; print(fire.NUMBER, fire.__cached__)");
        python.Succeeds().Says("7 ");
    }

    private IEnumerable<string> ProjectLeftovers() => Directory.EnumerateFiles(fire.Project.Path, "*.tmp")
        .Concat(Directory.EnumerateFiles(fire.Project["obj"], "*.tmp", SearchOption.AllDirectories));

    private static string Say(string instance)
    {
        // A new instance gets its `bin` after its first release.
        string directory = Path.Exists(Path.Combine(instance, "bin")) ? "bin" : Path.Combine("code", "current", "bin");
        using Process program = Process.Start(new ProcessStartInfo(Path.Combine(instance, directory, "alpha")) { RedirectStandardOutput = true })!;
        return program.StandardOutput.ReadToEnd().Trim();
    }

    private string CommandMark(string name) => Path.Combine(fire.InstanceOf(name), "tmp", "command");

    private void Count(string what) => Counts[what] = Counts.GetValueOrDefault(what) + 1;

    private static string? Text(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static bool Any(string directory, string pattern)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(directory, pattern, new EnumerationOptions { AttributesToSkip = FileAttributes.None }).Any();
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join('\n', Counts.Select(pair => $"| {pair.Key[2..]} | {pair.Value} |"))}\n| ended before the kill | {TooLate} |\nThe last one: {_last}");
}
