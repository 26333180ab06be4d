using System.Globalization;
using System.Text;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>A service as a status tells it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">A word of the state file; <c>left</c> for what a killed supervisor has left.</param>
/// <param name="Process">Its main process, or 0.</param>
/// <param name="Restarts">How often it was restarted.</param>
/// <param name="Since">Since when, UTC, or empty.</param>
/// <param name="Reason">Why it does not do its work, or empty.</param>
internal sealed record ServiceReport(string Name, string State, int Process, int Restarts, string Since, string Reason)
{
    /// <summary>Whether it does its work.</summary>
    internal bool IsHealthy => State == StatusReport.HealthyWord;

    /// <summary>The file with what it prints; empty where that is in the journal; null for the usual one.</summary>
    internal string? Log { get; init; }
}

/// <summary>What runs in an instance, from the state file, the lock and <c>/proc</c> alone, unless units run it.</summary>
/// <param name="Summary">One line on the whole.</param>
/// <param name="Services">The services.</param>
internal sealed record StatusReport(string Summary, IReadOnlyList<ServiceReport> Services)
{
    /// <summary>The state of a service that does its work.</summary>
    internal const string HealthyWord = "healthy";

    /// <summary>That of one whose health check fails.</summary>
    internal const string UnhealthyWord = "unhealthy";

    /// <summary>That of one that does not run, as it should be.</summary>
    internal const string StoppedWord = "stopped";

    /// <summary>That of one that does not run, against what was asked for.</summary>
    internal const string FailedWord = "failed";

    private const string WaitingWord = "waiting";
    private const string LeftWord = "left";

    /// <summary>Looks at what a supervisor runs; null if none has written that.</summary>
    internal static StatusReport? OfRunning(InstanceLayout layout)
    {
        if (LivingSupervisor.StateOf(layout) is not { } state)
        {
            return null;
        }

        string how = state.Detached ? "detached" : "in the foreground";
        return new StatusReport(
            string.Create(CultureInfo.InvariantCulture, $"{StateFile.Word(state.Condition)} {how}, release {state.Release}, process {state.Supervisor.Id}, since {StateFile.TimeText(state.Since)}"),
            [.. state.Services.Select(Live)]);
    }

    /// <summary>Looks at what a supervisor has run, or is about to.</summary>
    internal static StatusReport OfOthers(InstanceLayout layout)
    {
        ProcessIdentity? starting = LivingSupervisor.Find(layout);
        InstanceState? last = StateFile.Read(layout);
        bool sameBoot = last?.Boot == ProcessTable.BootId;
        string unknown = starting is null ? StoppedWord : WaitingWord;
        ServiceReport[] services =
        [
            .. (last?.Services ?? []).Select(service => Dead(service, sameBoot, unknown)),
            .. ServiceNames.Of(layout.Current).Services.Where(name => last?.Services.Any(service => service.Name == name) != true)
                .Select(name => new ServiceReport(name, unknown, 0, 0, "", "")),
        ];
        string summary = starting is { } supervisor ? string.Create(CultureInfo.InvariantCulture, $"starting, process {supervisor.Id}")
            : services.Any(service => service.State == LeftWord) ? "not running; its supervisor was killed, and the next start ends what it left"
            : "not running";
        return new StatusReport(summary, services);
    }

    /// <summary>The table for people.</summary>
    internal IEnumerable<string> Table()
    {
        string[][] rows =
        [
            ["service", "state", "pid", "restarts", "since"],
            .. Services.Select(service => (string[])[service.Name, service.State, Number(service.Process), service.Restarts.ToString(CultureInfo.InvariantCulture), service.Since]),
        ];
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length))];
        for (int i = 0; i < rows.Length; i++)
        {
            StringBuilder line = new();
            for (int column = 0; column < widths.Length; column++)
            {
                line.Append(rows[i][column].PadRight(widths[column] + 2));
            }

            string reason = i > 0 ? Services[i - 1].Reason : "";
            yield return $"{line}{reason}".TrimEnd();
        }
    }

    private static string Number(int process) => process == 0 ? "-" : process.ToString(CultureInfo.InvariantCulture);

    private static ServiceReport Live(ServiceState service)
    {
        bool lives = service.Process.Lives;
        // Its end is so new that the supervisor has not noticed it.
        (string state, string reason) = service.Condition == ServiceCondition.Healthy && !lives
            ? (UnhealthyWord, "its process has ended")
            : (StateFile.Word(service.Condition), service.Reason);
        return new ServiceReport(service.Name, state, lives ? service.Process.Id : 0, service.Restarts, StateFile.TimeText(service.Since), reason);
    }

    private static ServiceReport Dead(ServiceState service, bool sameBoot, string unknown)
    {
        bool lives = sameBoot && service.Process.Lives;
        bool failed = service.Condition == ServiceCondition.Failed && unknown == StoppedWord;
        return new ServiceReport(
            service.Name, lives ? LeftWord : failed ? FailedWord : unknown, lives ? service.Process.Id : 0, service.Restarts, "", failed ? service.Reason : "");
    }
}
