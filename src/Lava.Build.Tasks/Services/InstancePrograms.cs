using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services;

/// <summary>How short-lived programs of an instance are run: in its directory, in the environment that its services have, and as its user.</summary>
internal sealed class InstancePrograms
{
    private readonly RunAs? _user;
    private readonly SourceLocation _location;
    private readonly Dictionary<string, string?> _variables;

    /// <summary>Runs programs of a release.</summary>
    /// <param name="holes">The instance's and the release's directories.</param>
    /// <param name="services">What runs in it.</param>
    /// <param name="host">The caller's variables.</param>
    /// <param name="location">The project, for messages.</param>
    /// <exception cref="LavaException">Root finds no user of the instance (LAVA5070).</exception>
    internal InstancePrograms(RunHoles holes, InstanceServices services, HostEnvironment host, SourceLocation location)
    {
        Holes = holes;
        _location = location;
        _user = InstanceUser.Of(services, "", location, "the program");
        _variables = RunEnvironment.Of(host.Variables, Holes, _user).ToDictionary(pair => pair.Key, pair => (string?)pair.Value, StringComparer.Ordinal);
    }

    /// <summary>The instance's and the release's directories.</summary>
    internal RunHoles Holes { get; }

    /// <summary>A command line for sh.</summary>
    internal ProcessRequest Shell(string line) => Program("/bin/sh", ["-c", RunHoles.ShellLine(line)]);

    /// <summary>A program of the release's <c>bin</c> with its arguments.</summary>
    /// <exception cref="LavaException">There is none of that name (LAVA5088).</exception>
    internal ProcessRequest Named(string name, IReadOnlyList<string> arguments)
    {
        string path = Path.Combine(Holes.Release, "bin", name);
        return File.Exists(path)
            ? Program(path, arguments)
            : throw Problem.Error(Strings.ProgramNotInRelease, _location, name, Holes.InstanceRoot).ToException();
    }

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
