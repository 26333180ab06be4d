using System.Globalization;
using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Supervision;

/// <summary>Starts a supervisor in a session of its own, and waits until all is healthy.</summary>
/// <param name="assembly">The path of this assembly as a program.</param>
/// <param name="dotnet">The path of <c>dotnet</c>.</param>
/// <param name="host">The variables that the supervisor sees.</param>
/// <param name="log">Where the start is told about.</param>
internal sealed class DetachedStart(string assembly, string dotnet, HostEnvironment host, IBuildLog log)
{
    private const int LastLines = 20;
    private const int LastBytes = 16 << 10;
    private volatile ProcessStatus? _supervisor;

    /// <summary>The file that the supervisor's own lines go to.</summary>
    internal static string LogOf(InstanceLayout layout) => RunContext.LogOf(layout, SupervisorConsole.OwnName);

    /// <summary>Starts it.</summary>
    /// <exception cref="LavaException">What the supervisor says is wrong; it has stopped all again.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled; all is being stopped.</exception>
    internal async Task StartAsync(SupervisorOptions options, CancellationToken cancellation)
    {
        InstanceLayout layout = new(options.Instance);
        SourceLocation location = new(options.Project);
        RunHoles holes = ActiveRelease.Of(layout, location);
        RunDirectories.MakeOuter(layout);
        RunAs? user = await InstanceOwner.PrepareAsync(layout, ServicesFile.ReadIfAny(holes.Release), log, cancellation);
        RunDirectories.MakeInner(layout, user);
        (SafeFileHandle read, SafeFileHandle write) = Posix.Pipe();
        int process = Spawn(options, layout, user, write);
        using CancellationTokenRegistration stop = cancellation.Register(Stop);
        List<Problem> errors = [];
        bool healthy = false;
        using (StreamReader reader = new(new FileStream(read, FileAccess.Read, bufferSize: 0), Encoding.UTF8))
        {
            // A pipe cannot be read asynchronously; the supervisor closes it when it has said how it went, or ends.
            await Task.Run(() =>
            {
                while (reader.ReadLine() is { } line)
                {
                    healthy |= Understand(line, location, errors);
                    if (cancellation.IsCancellationRequested)
                    {
                        // It may not have said before which process it is.
                        Stop();
                    }
                }
            }, CancellationToken.None);
        }

        // setsid(1) has ended long ago, and the supervisor is nobody's child here.
        Posix.Reap(process);
        cancellation.ThrowIfCancellationRequested();
        if (!healthy)
        {
            throw errors.Count > 0
                ? new LavaException(errors)
                : Problem.Error(Strings.SupervisorGone, location, Tail(layout, user), LogOf(layout)).ToException();
        }
    }

    private int Spawn(SupervisorOptions options, InstanceLayout layout, RunAs? user, SafeFileHandle report)
    {
        using (report)
        using (SafeFileHandle nothing = File.OpenHandle("/dev/null"))
        using (ServiceLog rotated = new(LogOf(layout), user, _ => { }))
        {
            rotated.RotateInPlace();
            using SafeFileHandle output = rotated.OpenForProgram() ?? File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write);
            ProcessRunner programs = new(host);
            string setsid = programs.FindProgram("setsid");
            string[] arguments =
            [
                "setsid", "--fork", programs.FindProgram(dotnet), "exec", assembly, "run", "--instance", options.Instance, "--project", options.Project ?? "",
                "--services", string.Join(';', options.Services), "--detached", "--report", "3",
            ];
            return Posix.Spawn(setsid, arguments, RunEnvironment.OfSupervisor(host.Variables), "/", nothing, output, output, report);
        }
    }

    private bool Understand(string line, SourceLocation location, List<Problem> errors)
    {
        string[] words = line.Split(' ', 2);
        string text = words.Length > 1 ? words[1] : "";
        int colon = text.IndexOf(": ", StringComparison.Ordinal);
        switch (words[0])
        {
            case "process" when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int process):
                _supervisor = ProcessTable.Find(process);
                return false;
            case "healthy":
                log.Say(text);
                return true;
            case "error" when colon > 0:
                errors.Add(new Problem(Severity.Error, text[..colon], text[(colon + 2)..], location));
                return false;
            case "warning" when colon > 0:
                log.Warn(new Problem(Severity.Warning, text[..colon], text[(colon + 2)..], location));
                return false;
            default:
                return false;
        }
    }

    private void Stop()
    {
        if (_supervisor is { } supervisor)
        {
            SessionMembers.Signal([new ProcessIdentity(supervisor.Id, supervisor.Start)], Posix.SIGTERM);
        }
    }

    private static string Tail(InstanceLayout layout, RunAs? user)
    {
        using FileIdentity identity = FileIdentity.Of(user);
        string text = Encoding.UTF8.GetString(ForeignFile.ReadEnd(LogOf(layout), LastBytes));
        string[] lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(LastLines)];
        return lines.Length == 0 ? "" : $" Its last lines: {string.Join(" | ", lines)}.";
    }
}
