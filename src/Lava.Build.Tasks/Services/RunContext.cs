using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services;

/// <summary>How short-lived programs of an instance are run: in its directory, in the environment that its services have, and as its user.</summary>
public sealed class RunContext
{
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    private static readonly string[] Kept =
    [
        "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TERM",
        "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
    ];

    private readonly string _user;
    private readonly Dictionary<string, string?> _variables;

    /// <summary>Runs programs of the active release.</summary>
    /// <param name="layout">The instance.</param>
    /// <param name="user">Whom programs run as where root starts them; root itself if empty.</param>
    /// <param name="host">The caller's variables.</param>
    /// <exception cref="Diagnostics.LavaException">No release is active (LAVA5098).</exception>
    public RunContext(InstanceLayout layout, string user, HostEnvironment host)
    {
        Holes = new RunHoles(layout.Root, ActiveRelease.Of(layout));
        _user = Posix.EffectiveUser() == 0 ? user : "";
        _variables = host.Variables
            .Where(variable => Kept.Contains(variable.Key) || variable.Key.StartsWith("LC_", StringComparison.Ordinal))
            .ToDictionary(variable => variable.Key, variable => (string?)variable.Value, StringComparer.Ordinal);
        _variables["LAVA_INSTANCE"] = layout.Root;
        _variables["LAVA_RELEASE"] = Holes.Release;
        _variables["VIRTUAL_ENV"] = Holes.Release;
        _variables["PATH"] = $"{Holes.Release}/bin:{DefaultPath}";
        _variables["TMPDIR"] = Path.Combine(layout.Root, "tmp");
        _variables["PYTHONUNBUFFERED"] = "1";
    }

    /// <summary>The instance's and the active release's directories.</summary>
    public RunHoles Holes { get; }

    /// <summary>A command line for sh. Its holes become the shell's own variables, for no quoting fits every place where they may stand.</summary>
    public ProcessRequest Shell(string line) => Program("/bin/sh", [
        "-c",
        line.Replace(RunHoles.InstanceRootHole, "${LAVA_INSTANCE}", StringComparison.Ordinal)
            .Replace(RunHoles.ReleaseHole, "${LAVA_RELEASE}", StringComparison.Ordinal)]);

    /// <summary>A program with its arguments.</summary>
    public ProcessRequest Program(string program, IReadOnlyList<string> arguments)
    {
        string[] whole = _user.Length == 0
            ? [program, .. arguments]
            : ["setpriv", $"--reuid={_user}", $"--regid={_user}", "--init-groups", "--", program, .. arguments];
        return new ProcessRequest(whole[0], whole[1..])
        {
            WorkingDirectory = Holes.InstanceRoot,
            ClearEnvironment = true,
            Environment = _variables,
        };
    }
}
