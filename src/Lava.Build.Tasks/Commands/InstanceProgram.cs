using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Commands;

/// <summary>Becomes a program of the instance, in the environment that its services have; the terminal, input and exit code are the program's own.</summary>
internal static class InstanceProgram
{
    /// <summary>Returns only by an exception. As a start does, it first makes the instance's user and gives it what is its own.</summary>
    /// <exception cref="LavaException">There is no active release (LAVA5009) or no such program (LAVA5019), or nobody to run it as.</exception>
    internal static async Task BecomeAsync(CommandLine line, HostEnvironment host, SourceLocation location)
    {
        InstanceLayout layout = new(line.Options.Instance);
        RunHoles holes = ActiveRelease.Of(layout, location);
        InstanceServices services = ServicesFile.ReadIfAny(holes.Release, line.Name, line.User);
        RunAs? user;
        using (SupervisorConsole console = new(location, lines: false, report: null, host["NO_COLOR"]))
        {
            user = await InstanceOwner.PrepareAsync(layout, services, console, CancellationToken.None);
        }

        Dictionary<string, string> variables = RunEnvironment.Of(host.Variables, holes, user);
        string name = line.Program[0];
        string program = new HostEnvironment(host.Directory, variables).FindProgram(name) ?? throw Unknown(holes, location, name);
        string[] arguments = [name, .. line.Program.Skip(1)];
        if (user is not null)
        {
            // Without -- what follows could be taken for an option.
            arguments = ["setpriv", $"--reuid={user.Uid}", $"--regid={user.Gid}", "--init-groups", "--", program, .. line.Program.Skip(1)];
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
