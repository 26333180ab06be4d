using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Releases;

/// <summary>Runs a project's commands in a staged release, in the environment that its activation would give.</summary>
public sealed class StagedCommands(InstanceLayout layout, ProcessRunner processes, HostEnvironment host, IBuildLog log)
{
    private const int LastLines = 20;

    /// <summary>Runs them in order, until one fails.</summary>
    /// <exception cref="LavaException">One failed (LAVA4033); its last lines are in the message.</exception>
    public async Task RunAsync(IReadOnlyList<CommandPart> commands, string staging, CancellationToken cancellation)
    {
        foreach (CommandPart command in commands)
        {
            log.Say($"Running {command.Name}");
            // What a release holds must not depend on who builds it; services of another user read it.
            ProcessRequest request = new("/bin/sh", ["-c", "umask 022; exec /bin/sh -c \"$1\"", "sh", command.Command])
            {
                Label = $"LavaCommand {command.Name}",
                Location = command.Location,
                WorkingDirectory = staging,
                Environment = Variables(command, staging),
                Timeout = command.Timeout,
                OnLine = line => log.Say($"{command.Name}: {line}"),
            };
            ProcessOutcome outcome = await processes.RunAsync(request, cancellation);
            if (outcome.ExitCode != 0)
            {
                throw Problem.Error(
                    Strings.CommandFailed, command.Location, command.Name, outcome.ExitCode, Tail(outcome)).ToException();
            }
        }
    }

    private Dictionary<string, string?> Variables(CommandPart command, string staging)
    {
        Dictionary<string, string?> variables = new(StringComparer.Ordinal)
        {
            ["LAVA_INSTANCE"] = layout.Root,
            ["VIRTUAL_ENV"] = staging,
            ["PATH"] = $"{staging}/bin:{host["PATH"]}",
            ["PYTHONHOME"] = null,
            ["PYTHONPATH"] = null,
        };
        foreach ((string name, string value) in command.Environment)
        {
            variables[name] = value;
        }

        return variables;
    }

    private static string Tail(ProcessOutcome outcome)
    {
        string[] lines = $"{outcome.Output}{outcome.Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? "" : $" Its last lines: {string.Join(" | ", lines.TakeLast(LastLines))}";
    }
}
