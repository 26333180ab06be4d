using System.Diagnostics;
using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Checks;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>Carries out the checks of a running instance, and tells of each as <c>dotnet test</c> tells of a test.</summary>
[MSBuildMultiThreadableTask]
public sealed class CheckLavaInstance : LavaTask
{
    /// <summary>The instance's directory (<c>LavaInstanceRoot</c>).</summary>
    [Required]
    public string InstanceRoot { get; set; } = "";

    /// <summary>Which checks (<c>--filter</c>); all if empty. See <see cref="CheckFilter"/>.</summary>
    public string Filter { get; set; } = "";

    /// <summary>Where results are written besides (<c>--logger</c>). See <see cref="CheckLoggers"/>.</summary>
    public string[] Loggers { get; set; } = [];

    /// <summary>Where files of results go (<c>--results-directory</c>); made if one is written.</summary>
    [Required]
    public string ResultsDirectory { get; set; } = "";

    /// <summary>Whether to tell the checks' names and do nothing else (<c>--list-tests</c>).</summary>
    public bool ListOnly { get; set; }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken cancellation)
    {
        InstanceLayout layout = new(Absolute(InstanceRoot));
        SourceLocation location = new(ProjectFile);
        RunHoles holes = ActiveRelease.Of(layout, location);
        InstanceServices services = ServicesFile.ReadIfAny(holes.Release);
        CheckFilter filter = new(Filter);
        DateTimeOffset started = DateTimeOffset.Now;
        CheckLoggers loggers = CheckLoggers.Read(Loggers, Absolute(ResultsDirectory), Environment.UserName, Environment.MachineName, started);
        CheckDescription[] checks = [.. services.Checks.Where(check => filter.Matches(services.Instance, check))];
        if (ListOnly)
        {
            Tell(TestEvents.Output, string.Join('\n', [CheckReport.ListHead, .. checks.Select(check => $"    {check.Name}")]));
            return;
        }

        if (checks.Length == 0)
        {
            BuildLog.Warn(services.Checks.Count == 0
                ? Problem.Warning(Strings.NoChecks, SourceLocation.None)
                : Problem.Warning(Strings.NoCheckMatches, SourceLocation.None, Filter, string.Join(", ", services.Checks.Select(check => check.Name))));
            return;
        }

        await RequireRunningAsync(layout, services, holes, cancellation);
        InstancePrograms programs = new(holes, services, Host, location);
        using HttpCheck http = new(holes, Host);
        CheckRunner runner = new(http, new ProgramCheck(programs, new ProcessRunner(Host)));
        long start = Stopwatch.GetTimestamp();
        IReadOnlyList<CheckResult> results = await runner.RunAsync(checks, Tell, cancellation);
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        await WriteAsync(services.Instance, loggers, results, started, started + duration, cancellation);
        Finish(services.Instance, results, duration);
    }

    private async Task RequireRunningAsync(InstanceLayout layout, InstanceServices services, RunHoles holes, CancellationToken cancellation)
    {
        (bool runs, string? release) = await RunningInstance.FindAsync(layout, services, holes, cancellation);
        if (!runs)
        {
            throw Problem.Error(Strings.InstanceNotRunning, SourceLocation.None, services.Instance, Path.GetFileName(ProjectFile)).ToException();
        }

        string active = Path.GetFileName(holes.Release);
        if (release is not null && release != active)
        {
            BuildLog.Warn(Problem.Warning(Strings.OtherReleaseRuns, SourceLocation.None, services.Instance, release, active, Path.GetFileName(ProjectFile)));
        }
    }

    private async Task WriteAsync(
        string instance, CheckLoggers loggers, IReadOnlyList<CheckResult> results, DateTimeOffset started, DateTimeOffset finished, CancellationToken cancellation)
    {
        string text = TrxReport.ToText(instance, ProjectFile, Environment.MachineName, Environment.UserName, results, started, finished);
        foreach (string file in loggers.TrxFiles)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await AtomicFile.WriteAsync(file, text, AtomicFile.PublicMode, cancellation);
            Tell(TestEvents.Output, $"Results File: {file}");
        }
    }

    private void Tell(CheckResult result) => Tell(
        result.Passed ? TestEvents.Passed : TestEvents.Output,
        string.Join('\n', CheckReport.Lines(result)),
        ("localizedResult", "passed"),
        ("displayName", result.Check.Name));

    private void Finish(string instance, IReadOnlyList<CheckResult> results, TimeSpan duration)
    {
        string[] failed = [.. results.Where(result => !result.Passed).Select(result => result.Check.Name)];
        Tell(
            TestEvents.Finish,
            CheckReport.Summary(instance, results, duration),
            ("total", Number(results.Count)),
            ("passed", Number(results.Count - failed.Length)),
            ("skipped", Number(0)),
            ("failed", Number(failed.Length)));
        if (failed.Length > 0)
        {
            throw Problem.Error(Strings.ChecksFailed, SourceLocation.None, failed.Length, results.Count, instance, string.Join(", ", failed)).ToException();
        }
    }

    private void Tell(string kind, string text, params (string Name, string Value)[] metadata) => TestEvents.Tell(BuildEngine, kind, text, metadata);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
