namespace Lava.Build.Services;

/// <summary>When a service that has ended is started again.</summary>
public enum RestartPolicy
{
    /// <summary>Where it failed: its exit code is not 0, a signal ended it that nobody of ours sent, or it lost its health.</summary>
    OnFailure,

    /// <summary>Always.</summary>
    Always,

    /// <summary>Never.</summary>
    Never,
}

/// <summary>What becomes of the other services when one has ended for good, or is restarted no more.</summary>
public enum FailureAction
{
    /// <summary>All are stopped.</summary>
    Stop,

    /// <summary>They go on without it.</summary>
    Continue,
}

/// <summary>Which processes of a service are ended with it.</summary>
public enum KillMode
{
    /// <summary>All that it has started.</summary>
    Group,

    /// <summary>Only itself: what it has started, such as jobs, goes on, and is for its next start to find.</summary>
    Process,
}

/// <summary>
/// A program that runs as long as the instance does (<c>LavaService</c>). In arguments, environment, health check and addresses,
/// <c>@{InstanceRoot}</c> and <c>@{Release}</c> stand for the absolute directories of the instance and of the release: see <see cref="RunHoles"/>.
/// </summary>
public sealed record ServiceDescription
{
    /// <summary>Its name: lower-case letters, digits and <c>-</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The program: a name in the release's <c>bin</c>, or an absolute path.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments; nothing is ever quoted or parsed by a shell.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Variables to set, besides those that every service has.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it runs, relative to the instance; the instance's own directory if empty.</summary>
    public string WorkingDirectory { get; init; } = "";

    /// <summary>Whom it runs as if started by root; the instance's user if empty.</summary>
    public string User { get; init; } = "";

    /// <summary>Services that must be healthy, and steps that must be done, before it starts.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>When it is started again.</summary>
    public RestartPolicy Restart { get; init; } = RestartPolicy.OnFailure;

    /// <summary>Seconds between its end and its next start.</summary>
    public int RestartDelay { get; init; } = 1;

    /// <summary>How often it may be restarted within a minute; after that it has failed.</summary>
    public int RestartLimit { get; init; } = 5;

    /// <summary>What becomes of the others once it has failed.</summary>
    public FailureAction OnFailure { get; init; } = FailureAction.Stop;

    /// <summary>The signal that asks it to end, such as <c>SIGTERM</c>.</summary>
    public string StopSignal { get; init; } = "SIGTERM";

    /// <summary>Seconds after which it is killed if it has not ended.</summary>
    public int StopTimeout { get; init; } = 10;

    /// <summary>Which of its processes are ended with it.</summary>
    public KillMode KillMode { get; init; } = KillMode.Group;

    /// <summary>The signal that asks it to take on no more work and to end when what it has is done; none if empty.</summary>
    public string DrainSignal { get; init; } = "";

    /// <summary>Seconds that it may take for that, before <see cref="StopSignal"/>.</summary>
    public int DrainTimeout { get; init; } = 3600;

    /// <summary>How to tell that it does its work; null: it does while its process lives.</summary>
    public HealthCheck? Health { get; init; }

    /// <summary>Where it listens: <c>host:port</c>, or a socket's path relative to the instance. Must be free before it starts.</summary>
    public IReadOnlyList<string> Listens { get; init; } = [];

    /// <summary>
    /// Directives of its systemd unit's <c>[Service]</c> section that are stronger or weaker than those that every unit has, by name
    /// (systemd.exec(5)); an empty value takes one away.
    /// </summary>
    public IReadOnlyDictionary<string, string> Sandbox { get; init; } = new Dictionary<string, string>();
}

/// <summary>How to tell that a service does its work. One of the three ways is given.</summary>
public sealed record HealthCheck
{
    /// <summary>A URL that must answer with <see cref="Status"/>, or empty.</summary>
    public string Http { get; init; } = "";

    /// <summary>The HTTP status that is expected.</summary>
    public int Status { get; init; } = 200;

    /// <summary>A place where something must accept connections, as in <see cref="ServiceDescription.Listens"/>, or empty.</summary>
    public string Socket { get; init; } = "";

    /// <summary>A command line for sh that must end with 0, or empty.</summary>
    public string Command { get; init; } = "";

    /// <summary>Seconds between two looks at a service that is healthy. While it starts it is looked at more often.</summary>
    public int Interval { get; init; } = 10;

    /// <summary>Seconds that it may take to become healthy, and that one look may take at most.</summary>
    public int Timeout { get; init; } = 60;
}
