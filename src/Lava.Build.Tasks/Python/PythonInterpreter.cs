using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Python;

/// <summary>The host's Python that an instance runs with.</summary>
/// <param name="Executable">Its absolute path, links resolved, for example <c>/usr/bin/python3.11</c>.</param>
/// <param name="Version">Its full version, for example <c>3.11.2</c>.</param>
/// <param name="CacheTag">What its .pyc files are called (PEP 3147), for example <c>cpython-311</c>.</param>
public sealed partial record PythonInterpreter(string Executable, string Version, string CacheTag)
{
    private const string Question =
        "import os, sys; "
        + "print(os.path.realpath(sys.executable), '%d.%d.%d' % sys.version_info[:3], sys.implementation.cache_tag, sep='\\n')";

    /// <summary>Major and minor version, for example <c>3.11</c>.</summary>
    public string ShortVersion => Version[..Version.LastIndexOf('.')];

    /// <summary>Its name in a release, for example <c>python3.11</c>.</summary>
    public string Name => $"python{ShortVersion}";

    /// <summary>Where modules go in a release (PEP 405).</summary>
    public string SitePackages => $"lib/{Name}/site-packages";

    /// <summary>Asks the interpreter about itself; null if there is none at <paramref name="path"/>.</summary>
    /// <exception cref="LavaException">It is there and does not work (LAVA9010).</exception>
    /// <param name="path">A path, or a name to look for in PATH.</param>
    /// <param name="record">What is known from earlier builds.</param>
    /// <param name="processes">Runs the interpreter.</param>
    /// <param name="host">The variables that a name is looked for with.</param>
    /// <param name="cancellation">Ends the interpreter.</param>
    public static async Task<PythonInterpreter?> FindAsync(
        string path, PythonRecord record, ProcessRunner processes, HostEnvironment host, CancellationToken cancellation)
    {
        if (host.FindProgram(path) is not { } program)
        {
            return null;
        }

        if (record.Find(program) is { } known)
        {
            return known;
        }

        ProcessOutcome outcome = await processes.RunAsync(new ProcessRequest(program, ["-I", "-S", "-c", Question]), cancellation);
        if (outcome.ExitCode != 0)
        {
            throw Problem.Error(Strings.PythonFails, SourceLocation.None, program, outcome.ExitCode, outcome.Error.Trim()).ToException();
        }

        PythonInterpreter found = Parse(outcome.Output)
            ?? throw Problem.Error(Strings.PythonFails, SourceLocation.None, program, outcome.ExitCode, "it does not answer as Python does").ToException();
        record.Keep(program, found);
        return found;
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    internal string ToText() => $"{Executable}\n{Version}\n{CacheTag}\n";

    /// <summary>Reads three lines; null if they are something else. Version and tag become names of files, so nothing else may be in them.</summary>
    internal static PythonInterpreter? Parse(string text) =>
        text.Split('\n') is [['/', ..] executable, var version, var cacheTag, ""]
        && !executable.Contains('\0', StringComparison.Ordinal) && VersionPattern().IsMatch(version) && TagPattern().IsMatch(cacheTag)
            ? new PythonInterpreter(executable, version, cacheTag)
            : null;

    [GeneratedRegex(@"\A[0-9]{1,9}(\.[0-9]{1,9}){2}\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"\A[0-9A-Za-z_-]+\z")]
    private static partial Regex TagPattern();
}
