namespace Lava.Build.Services.Supervision;

/// <summary>Signals between a supervisor and programs.</summary>
internal static class SignalNames
{
    // By number (signal(7)).
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    private const int SignalBase = 128;

    /// <summary>The number of a signal that may end a service; SIGTERM's for what is none.</summary>
    internal static int Number(string name) => ServiceSignals.Numbers.GetValueOrDefault(name, Platform.Posix.SIGTERM);

    /// <summary>How a program ended, in words.</summary>
    internal static string Describe(int exitCode) =>
        exitCode is > SignalBase and < SignalBase + 32
            ? $"was ended by SIG{Names[exitCode - SignalBase]}"
            : $"ended with exit code {exitCode.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
