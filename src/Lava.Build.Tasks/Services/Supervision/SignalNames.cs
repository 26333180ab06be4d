namespace Lava.Build.Services.Supervision;

/// <summary>The numbers of signals, which are the same on x86 and ARM (signal(7)).</summary>
internal static class SignalNames
{
    private static readonly string[] Names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    private const int SignalBase = 128;

    /// <summary>The number of a signal, with or without <c>SIG</c> before it; SIGTERM's for what is none.</summary>
    internal static int Number(string name)
    {
        string plain = name.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? name[3..] : name;
        int number = Array.FindIndex(Names, 1, known => known.Equals(plain, StringComparison.OrdinalIgnoreCase));
        return number > 0 ? number : Platform.Posix.SIGTERM;
    }

    /// <summary>How a program ended, in words.</summary>
    internal static string Describe(int exitCode) =>
        exitCode is > SignalBase and < SignalBase + 32
            ? $"was ended by SIG{Names[exitCode - SignalBase]}"
            : $"ended with exit code {exitCode.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}
