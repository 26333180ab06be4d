namespace Lava.Build.Services;

/// <summary>The signals that may ask a service to end or to drain, by name (signal(7)); the numbers are those of all of Debian's Linux ports but MIPS.</summary>
public static class ServiceSignals
{
    /// <summary>Each name with its number.</summary>
    public static IReadOnlyDictionary<string, int> Numbers { get; } = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        ["SIGHUP"] = 1,
        ["SIGINT"] = 2,
        ["SIGQUIT"] = 3,
        ["SIGKILL"] = 9,
        ["SIGUSR1"] = 10,
        ["SIGUSR2"] = 12,
        ["SIGTERM"] = 15,
        ["SIGWINCH"] = 28,
    };
}
