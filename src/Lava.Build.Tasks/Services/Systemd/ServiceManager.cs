using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services.Systemd;

/// <summary>A systemd that runs units: the system's or the user's own.</summary>
internal sealed class ServiceManager
{
    private const string Running = "/run/systemd/system";

    // Units say themselves how long they may take to start and to stop; a service that finishes its work may take a day.
    private static readonly TimeSpan Patience = TimeSpan.FromDays(2);
    private readonly ProcessRunner _processes;
    private readonly string _runtimeDirectory;
    private readonly HostEnvironment _host;

    /// <summary>Finds the manager that units are installed for: the system's for root, else the user's own.</summary>
    internal ServiceManager(HostEnvironment host)
        : this(host, Posix.EffectiveUser() == 0)
    {
    }

    /// <summary>Takes the one or the other.</summary>
    internal ServiceManager(HostEnvironment host, bool system)
    {
        _host = host;
        _processes = new ProcessRunner(host);
        IsSystem = system;
        _runtimeDirectory = host["XDG_RUNTIME_DIR"] ?? string.Create(CultureInfo.InvariantCulture, $"/run/user/{Posix.EffectiveUser()}");
    }

    /// <summary>Whether it is the system's.</summary>
    internal bool IsSystem { get; }

    /// <summary>Whether it runs: it does not in most containers, and while an image is made.</summary>
    internal bool IsRunning => IsSystem ? Directory.Exists(Running) : File.Exists(Path.Combine(_runtimeDirectory, "systemd/private"));

    /// <summary>Where an admin's units stand for it (systemd.unit(5)).</summary>
    internal string UnitPlace => IsSystem ? "/etc/systemd/system" : Path.Combine(ConfigurationHome(), "systemd/user");

    /// <summary>Whether it goes on after its user has logged out.</summary>
    internal bool Lingers => IsSystem || File.Exists($"/var/lib/systemd/linger/{Posix.NameOfUser(Posix.EffectiveUser())}");

    /// <summary>Whether it reads units from a directory.</summary>
    internal async Task<bool> ReadsAsync(string directory, CancellationToken cancellation) =>
        directory == UnitPlace
        || (await AskAsync(cancellation, "show", "--property=UnitPath", "--value")).Split(' ', StringSplitOptions.TrimEntries).Contains(directory);

    /// <summary>The states of units, by unit; a unit that is not known is "inactive".</summary>
    internal async Task<IReadOnlyDictionary<string, string>> StatesAsync(IReadOnlyList<string> units, CancellationToken cancellation) =>
        (await ShowAsync(units, ["ActiveState"], cancellation)).ToDictionary(unit => unit.Key, unit => unit.Value["ActiveState"], StringComparer.Ordinal);

    /// <summary>Properties of units, by unit and property. Times are in UTC.</summary>
    internal async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>> ShowAsync(
        IReadOnlyList<string> units, IReadOnlyList<string> properties, CancellationToken cancellation)
    {
        string text = await AskAsync(cancellation, ["show", "--property=Id", .. properties.Select(name => $"--property={name}"), "--", .. units]);
        Dictionary<string, IReadOnlyDictionary<string, string>> found = new(StringComparer.Ordinal);
        foreach (string block in text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            Dictionary<string, string> values = block.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2))
                .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
            found[values["Id"]] = values;
        }

        return found;
    }

    /// <summary>Starts units, or restarts them, and makes sure that they stay up.</summary>
    /// <param name="verb"><c>start</c> or <c>restart</c>.</param>
    /// <param name="named">What is started.</param>
    /// <param name="all">All that starts with it.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LavaException">Some have failed (LAVA5067), or systemctl has (LAVA5066).</exception>
    internal async Task StartAsync(string verb, IReadOnlyList<string> named, IReadOnlyList<string> all, CancellationToken cancellation)
    {
        // Or what failed before would count against the new start.
        await ForgetFailuresAsync(all, cancellation);
        await AskAsync(cancellation, [verb, "--", .. named]);
        IReadOnlyDictionary<string, string> states = await StatesAsync(all, cancellation);
        string[] failed =
        [
            // A first try that failed may be followed by others. What ran once and has ended well is inactive.
            .. states.Where(state => state.Value is "failed" or "activating" or "deactivating").Select(state => state.Key).Order(StringComparer.Ordinal),
        ];
        if (failed.Length > 0 || named.Any(name => name.EndsWith(".target", StringComparison.Ordinal) && states[name] != "active"))
        {
            throw Problem.Error(
                Strings.UnitsFailed,
                SourceLocation.None,
                string.Join(", ", named),
                failed.Length > 0 ? string.Join(", ", failed) : "it was stopped again",
                IsSystem ? "" : "--user ").ToException();
        }
    }

    /// <summary>Forgets that units have failed; one that has not, or is not known, is no failure.</summary>
    internal Task ForgetFailuresAsync(IReadOnlyList<string> units, CancellationToken cancellation) =>
        RunAsync(["reset-failed", "--", .. units], cancellation);

    /// <summary>Runs systemctl.</summary>
    /// <exception cref="LavaException">It failed (LAVA5066).</exception>
    internal async Task<string> AskAsync(CancellationToken cancellation, params string[] arguments)
    {
        ProcessOutcome outcome = await RunAsync(arguments, cancellation);
        string command = string.Join(' ', [.. IsSystem ? (string[])[] : ["--user"], .. arguments]);
        return outcome.ExitCode == 0
            ? outcome.Output
            : throw Problem.Error(Strings.SystemctlFailed, SourceLocation.None, command, outcome.ExitCode, outcome.Error.Trim()).ToException();
    }

    private Task<ProcessOutcome> RunAsync(string[] arguments, CancellationToken cancellation) => _processes.RunAsync(
        new ProcessRequest("systemctl", [.. IsSystem ? (string[])["--system"] : ["--user"], "--no-ask-password", "--no-pager", .. arguments])
        {
            Timeout = Patience,
            Environment = new Dictionary<string, string?> { ["XDG_RUNTIME_DIR"] = IsSystem ? null : _runtimeDirectory, ["LC_ALL"] = "C.UTF-8", ["TZ"] = "UTC" },
        },
        cancellation);

    private string ConfigurationHome() => _host["XDG_CONFIG_HOME"] is { Length: > 0 } given && Path.IsPathRooted(given)
        ? given
        : Path.Combine(_host["HOME"] ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");
}
