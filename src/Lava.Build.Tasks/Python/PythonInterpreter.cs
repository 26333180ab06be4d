using System.Text.Json;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Python;

/// <summary>The host's Python that an instance runs with.</summary>
/// <param name="Executable">Its absolute path, links resolved, for example <c>/usr/bin/python3.11</c>.</param>
/// <param name="Version">Its full version, for example <c>3.11.2</c>.</param>
/// <param name="CacheTag">What its .pyc files are called (PEP 3147), for example <c>cpython-311</c>.</param>
public sealed record PythonInterpreter(string Executable, string Version, string CacheTag)
{
    private const string Question =
        "import json, os, sys; "
        + "print(json.dumps([os.path.realpath(sys.executable), '%d.%d.%d' % sys.version_info[:3], sys.implementation.cache_tag]))";

    /// <summary>Major and minor version, for example <c>3.11</c>.</summary>
    public string ShortVersion => Version[..Version.LastIndexOf('.')];

    /// <summary>Its name in a release, for example <c>python3.11</c>.</summary>
    public string Name => $"python{ShortVersion}";

    /// <summary>Where modules go in a release (PEP 405).</summary>
    public string SitePackages => $"lib/{Name}/site-packages";

    /// <summary>Asks the interpreter about itself; null if there is none at <paramref name="path"/>.</summary>
    /// <exception cref="LavaException">It is there and does not work (LAVA9010).</exception>
    public static async Task<PythonInterpreter?> FindAsync(string path, ProcessRunner processes, HostEnvironment host, CancellationToken cancellation)
    {
        if (host.FindProgram(path) is not { } program)
        {
            return null;
        }

        ProcessOutcome outcome = await processes.RunAsync(new ProcessRequest(program, ["-I", "-S", "-c", Question]), cancellation);
        if (outcome.ExitCode != 0)
        {
            throw Problem.Error(Strings.PythonFails, SourceLocation.None, program, outcome.ExitCode, outcome.Error.Trim()).ToException();
        }

        return Parse(outcome.Output)
            ?? throw Problem.Error(Strings.PythonFails, SourceLocation.None, program, outcome.ExitCode, "it does not answer as Python does").ToException();
    }

    private static PythonInterpreter? Parse(string output)
    {
        try
        {
            return JsonSerializer.Deserialize<string?[]>(output) is [{ } executable, { } version, { } cacheTag]
                ? new PythonInterpreter(executable, version, cacheTag)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
