using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;

namespace Lava.Build.Commands;

/// <summary>Becomes a program of the instance, in the environment that its services have; the terminal, input and exit code are the program's own.</summary>
internal static class InstanceProgram
{
    /// <summary>Returns only by an exception.</summary>
    /// <exception cref="LavaException">There is no active release (LAVA5009) or no such program (LAVA5019), or nobody to run it as.</exception>
    internal static void Become(CommandLine line, HostEnvironment host)
    {
        SourceLocation location = new(line.Options.Project ?? line.Options.Instance);
        RunHoles holes = ActiveRelease.Of(new InstanceLayout(line.Options.Instance), location);
        RunAs? user = InstanceUser.Of(ServicesFile.ReadIfAny(holes.Release), "", location, "The instance");
        Dictionary<string, string> variables = RunEnvironment.Of(host.Variables, holes, user);
        string name = line.Program[0];
        string program = new HostEnvironment(host.Directory, variables).FindProgram(name) ?? throw Unknown(holes, location, name);
        string[] arguments = [name, .. line.Program.Skip(1)];
        if (user is not null)
        {
            // Without -- what follows could be taken for an option.
            arguments =
            [
                "setpriv", "--reuid", user.Uid.ToString(System.Globalization.CultureInfo.InvariantCulture), "--regid",
                user.Gid.ToString(System.Globalization.CultureInfo.InvariantCulture), "--init-groups", "--", program, .. line.Program.Skip(1),
            ];
            program = new ProcessRunner(host).FindProgram("setpriv");
        }

        Posix.Become(program, arguments, variables);
    }

    private static LavaException Unknown(RunHoles holes, SourceLocation location, string name)
    {
        string bin = Path.Combine(holes.Release, "bin");
        string[] programs = Directory.Exists(bin) ? [.. Directory.EnumerateFileSystemEntries(bin).Select(path => Path.GetFileName(path)!).Order(StringComparer.Ordinal)] : [];
        string nearest = NearestName.Among(programs, name) is { } meant ? $" Did you mean '{meant}'?" : "";
        return Problem.Error(Strings.UnknownProgram, location, name, bin, nearest).ToException();
    }
}
