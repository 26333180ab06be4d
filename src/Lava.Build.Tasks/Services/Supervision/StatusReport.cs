using System.Globalization;
using System.Text;
using System.Text.Json;
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
}

/// <summary>What runs in an instance, from the state file and <c>/proc</c> alone.</summary>
/// <param name="Summary">One line on the whole.</param>
/// <param name="Services">The services.</param>
internal sealed record StatusReport(string Summary, IReadOnlyList<ServiceReport> Services)
{
    /// <summary>The state of a service that does its work.</summary>
    internal const string HealthyWord = "healthy";

    private const string StoppedWord = "stopped";
    private const string LeftWord = "left";
    private const string FailedWord = "failed";

    /// <summary>Looks.</summary>
    internal static StatusReport Of(InstanceLayout layout)
    {
        InstanceState? state = StateFile.Read(layout);
        if (state is { Runs: true })
        {
            string how = state.Detached ? "detached" : "in the foreground";
            return new StatusReport(
                string.Create(CultureInfo.InvariantCulture, $"{StateFile.Word(state.Condition)} {how}, release {state.Release}, process {state.Supervisor.Id}, since {StateFile.TimeText(state.Since)}"),
                [.. state.Services.Select(Live)]);
        }

        bool sameBoot = state?.Boot == ProcessTable.BootId;
        ServiceReport[] services =
        [
            .. (state?.Services ?? []).Select(service => Dead(service, sameBoot)),
            .. NamesIn(layout).Where(name => state?.Services.Any(service => service.Name == name) != true)
                .Select(name => new ServiceReport(name, StoppedWord, 0, 0, "", "")),
        ];
        bool left = services.Any(service => service.State == LeftWord);
        return new StatusReport(left ? "not running; its supervisor was killed, and the next start ends what it left" : "not running", services);
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

    private static ServiceReport Live(ServiceState service) => new(
        service.Name, StateFile.Word(service.Condition), service.Process.Lives ? service.Process.Id : 0, service.Restarts, StateFile.TimeText(service.Since), service.Reason);

    private static ServiceReport Dead(ServiceState service, bool sameBoot)
    {
        bool lives = sameBoot && service.Process.Lives;
        bool failed = service.Condition == ServiceCondition.Failed;
        return new ServiceReport(
            service.Name, lives ? LeftWord : failed ? FailedWord : StoppedWord, lives ? service.Process.Id : 0, service.Restarts, "", failed ? service.Reason : "");
    }

    // Read by hand: a serializer would take longer to be made than all the rest takes.
    private static string[] NamesIn(InstanceLayout layout)
    {
        string file = Path.Combine(layout.Current, ServicesFile.Path);
        if (!File.Exists(file))
        {
            return [];
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            return [.. document.RootElement.GetProperty("services").EnumerateArray().Select(service => service.GetProperty("name").GetString() ?? "")];
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Diagnostics.Problem.Error(Diagnostics.Strings.BadServicesFile, new Diagnostics.SourceLocation(file), file, failure.Message).ToException(failure);
        }
    }
}
