using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services;

/// <summary>How short-lived programs of an instance are run: in its directory, in the environment that its services have, and as its user.</summary>
internal sealed class InstancePrograms
{
    private readonly RunAs? _user;
    private readonly Dictionary<string, string?> _variables;

    /// <summary>Runs programs of the active release.</summary>
    /// <param name="layout">The instance.</param>
    /// <param name="services">What runs in it.</param>
    /// <param name="host">The caller's variables.</param>
    /// <param name="location">The project, for messages.</param>
    /// <exception cref="LavaException">No release is active (LAVA5009), or root finds no user of the instance (LAVA5070).</exception>
    internal InstancePrograms(InstanceLayout layout, InstanceServices services, HostEnvironment host, SourceLocation location)
    {
        Holes = ActiveRelease.Of(layout, location);
        _user = InstanceUser.Of(services, "", location, "the program");
        _variables = RunEnvironment.Of(host.Variables, Holes, _user).ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal);
    }

    /// <summary>The instance's and the active release's directories.</summary>
    internal RunHoles Holes { get; }

    /// <summary>A command line for sh.</summary>
    internal ProcessRequest Shell(string line) => Program("/bin/sh", ["-c", RunHoles.ShellLine(line)]);

    /// <summary>A program with its arguments.</summary>
    internal ProcessRequest Program(string program, IReadOnlyList<string> arguments)
    {
        string[] whole = _user is null
            ? [program, .. arguments]
            : ["setpriv", $"--reuid={_user.Uid}", $"--regid={_user.Gid}", "--init-groups", "--", program, .. arguments];
        return new ProcessRequest(whole[0], whole[1..])
        {
            WorkingDirectory = Holes.InstanceRoot,
            ClearEnvironment = true,
            Environment = _variables,
        };
    }
}
