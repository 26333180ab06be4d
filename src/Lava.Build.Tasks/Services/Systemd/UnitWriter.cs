using System.Globalization;
using Lava.Build.Releases;

namespace Lava.Build.Services.Systemd;

/// <summary>The texts of one instance's units, for one kind of manager.</summary>
internal sealed class UnitWriter(InstanceServices services, bool system)
{
    // What scripts need beside the time that is given to what they wait for, in seconds.
    private const int Grace = 5;
    private const int Minute = 60;
    private static readonly string Script = $"{RunHoles.InstanceRootHole}/code/current/{ServiceScripts.UnitScript}";
    private static readonly Dictionary<string, string> NoSandbox = [];

    private string Prefix => UnitFiles.Prefix(services.Instance);

    internal string Target() => Fill("unit-target", new()
    {
        ["Units"] = Units(services.Steps.Select(step => step.Name).Concat(services.Services.Select(service => service.Name))),
        ["WantedBy"] = system ? UnitFiles.SystemTarget : UnitFiles.UserTarget,
    });

    internal string Hold() => Fill("unit-hold", new()
    {
        ["Host"] = system ? Read("unit-host-system") : "",
        ["User"] = User(""),
        ["Sandbox"] = UnitSandbox.Lines(system, NoSandbox),
    });

    internal string Failed() => Fill("unit-failed", new()
    {
        ["User"] = User(""),
        ["Sandbox"] = UnitSandbox.Lines(system, NoSandbox),
    });

    internal string Step(StepDescription step) => Fill("unit-step", new()
    {
        ["Name"] = step.Name,
        ["Dependencies"] = Dependencies(step.After),
        ["Start"] = Lines(
        [
            .. Awaits(step.After),
            Exec("ExecStart", $"step {step.Name}"),
            Number("TimeoutStartSec", Math.Max(step.Timeout, LongestAwait(step.After))),
        ]),
        ["User"] = User(""),
        ["Sandbox"] = UnitSandbox.Lines(system, NoSandbox),
    });

    internal string Service(ServiceDescription service)
    {
        bool restarts = service.Restart != RestartPolicy.Never && service.RestartLimit > 0;
        return Fill("unit-service", new()
        {
            ["Name"] = service.Name,
            ["Dependencies"] = Dependencies(service.After),
            ["OnFailure"] = service.OnFailure == FailureAction.Stop ? $"OnFailure={Prefix}.failed@%N.service" : "",

            // The first start is not a restart, and counts here.
            ["StartLimit"] = restarts
                ? Lines([Number("StartLimitIntervalSec", Minute), Number("StartLimitBurst", service.RestartLimit + 1)])
                : Number("StartLimitIntervalSec", 0),
            ["Start"] = Lines(Start(service)),
            ["Restart"] = Lines(Restart(service, restarts)),
            ["Stop"] = Lines(Stop(service)),
            ["User"] = User(service.User),
            ["Sandbox"] = UnitSandbox.Lines(system, service.Sandbox),
        });
    }

    private IEnumerable<string> Start(ServiceDescription service)
    {
        int longest = LongestAwait(service.After);
        if (service.Health is { } health)
        {
            // The script beside the service tells systemd of its health.
            yield return "Type=notify";
            yield return "NotifyAccess=all";
            yield return Number("WatchdogSec", health.Interval + health.Timeout + Grace);
            yield return $"WatchdogSignal={service.StopSignal}";
            yield return Number("TimeoutAbortSec", service.StopTimeout);
            longest = Math.Max(longest, health.Timeout + Grace);
        }
        else
        {
            yield return "Type=exec";
        }

        foreach (string line in Awaits(service.After))
        {
            yield return line;
        }

        yield return Exec("ExecStart", service.Health is { } check
            ? string.Create(CultureInfo.InvariantCulture, $"service {service.Name} {check.Timeout} {check.Interval}")
            : $"service {service.Name}");
        if (longest > 0)
        {
            yield return Number("TimeoutStartSec", longest);
        }
    }

    private static IEnumerable<string> Restart(ServiceDescription service, bool restarts)
    {
        string[] signals = [.. new[] { service.StopSignal, service.DrainSignal }.Where(signal => signal.Length > 0).Distinct()];
        string ends = string.Join(' ', signals.Concat(signals.Where(ServiceSignals.Numbers.ContainsKey)
            .Select(signal => (128 + ServiceSignals.Numbers[signal]).ToString(CultureInfo.InvariantCulture))));

        // How it ends when it is asked to is no failure.
        yield return $"SuccessExitStatus={ends}";
        yield return $"Restart={(!restarts ? "no" : service.Restart == RestartPolicy.Always ? "always" : "on-failure")}";
        if (restarts)
        {
            yield return Number("RestartSec", service.RestartDelay);

            // But it is one if nobody asked: systemd itself would take these signals for a clean end.
            yield return $"RestartForceExitStatus={ends} SIGHUP SIGINT SIGTERM SIGPIPE";
        }
    }

    private static IEnumerable<string> Stop(ServiceDescription service)
    {
        yield return $"KillSignal={service.StopSignal}";
        yield return $"KillMode={(service.KillMode == KillMode.Process ? "process" : "control-group")}";
        if (service.DrainSignal.Length == 0)
        {
            yield return Number("TimeoutStopSec", service.StopTimeout);
            yield break;
        }

        yield return Exec("ExecStop", string.Create(
            CultureInfo.InvariantCulture,
            $"drain {Signal(service.DrainSignal)} {service.DrainTimeout} {Signal(service.StopSignal)} {service.StopTimeout}"));
        yield return Number("TimeoutStopSec", service.DrainTimeout + service.StopTimeout + Grace);
    }

    // The name that kill(1) takes.
    private static string Signal(string name) => name.StartsWith("SIG", StringComparison.Ordinal) ? name[3..] : name;

    private string Dependencies(IReadOnlyList<string> after)
    {
        string[] steps = [.. after.Where(name => services.Steps.Any(step => step.Name == name))];
        string[] others = [.. after.Except(steps)];
        List<string> lines = [$"BindsTo={Prefix}.service"];
        if (steps.Length > 0)
        {
            lines.Add($"Requires={Units(steps)}");
        }

        // Not required: then a restart of one would restart the other, and one that starts only the second time would leave it out.
        if (others.Length > 0)
        {
            lines.Add($"Wants={Units(others)}");
        }

        lines.Add($"After={string.Join(' ', [$"{Prefix}.service", .. after.Select(Unit)])}");
        return Lines(lines);
    }

    private IEnumerable<ServiceDescription> Awaited(IReadOnlyList<string> after) =>
        services.Services.Where(service => service.Health is not null && after.Contains(service.Name));

    private IEnumerable<string> Awaits(IReadOnlyList<string> after) => Awaited(after).Select(service =>
        Exec("ExecStartPre", string.Create(CultureInfo.InvariantCulture, $"await {service.Name} {service.Health!.Timeout}")));

    private int LongestAwait(IReadOnlyList<string> after) => Awaited(after).Select(service => service.Health!.Timeout + Grace).DefaultIfEmpty().Max();

    private string User(string name) =>
        !system ? "" : $"User={UnitText.Plain(name.Length > 0 ? name : services.User.Length > 0 ? services.User : Prefix)}";

    private string Units(IEnumerable<string> names) => string.Join(' ', names.Select(Unit));

    private string Unit(string name) => $"{Prefix}-{name}.service";

    // By sh, as the path of a program itself could not hold every character; `:` keeps `$` as it is.
    private static string Exec(string directive, string arguments) => $"{directive}=:/bin/sh \"{Script}\" {arguments}";

    private static string Number(string directive, int value) => string.Create(CultureInfo.InvariantCulture, $"{directive}={value}");

    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines);

    private static string Read(string template) =>
        TextTemplate.Fill(TemplateResources.Read($"Systemd/{template}"), _ => null, template).TrimEnd();

    private string Fill(string template, Dictionary<string, string> holes)
    {
        holes["Instance"] = services.Instance;
        holes["Prefix"] = Prefix;
        holes["Script"] = Script;
        string text = TextTemplate.Fill(TemplateResources.Read($"Systemd/{template}"), holes.GetValueOrDefault, template);

        // A hole that is empty leaves no line; one stands before each section.
        string[] lines = text.Split('\n');
        return Lines(lines.Where((line, i) => line.Length > 0 || (i + 1 < lines.Length && lines[i + 1].StartsWith('[')))) + "\n";
    }
}
