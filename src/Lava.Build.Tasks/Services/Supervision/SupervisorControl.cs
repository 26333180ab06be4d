using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Talks to the supervisor of an instance, if there is one.</summary>
/// <param name="layout">The instance.</param>
/// <param name="location">For messages.</param>
/// <param name="log">Where the waiting is told about.</param>
internal sealed class SupervisorControl(InstanceLayout layout, SourceLocation location, IBuildLog log)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <summary>What is known of a supervisor that lives; null if none does.</summary>
    internal InstanceState? Running => StateFile.Read(layout) is { Runs: true } state && IsOfThis(state.Supervisor.Id) ? state : null;

    /// <summary>Stops all, and waits until that is done.</summary>
    /// <returns>False if nothing was running.</returns>
    /// <exception cref="LavaException">It belongs to another user (LAVA5024).</exception>
    internal async Task<bool> StopAsync(CancellationToken cancellation)
    {
        if (Running is not { } state)
        {
            return false;
        }

        Signal(state.Supervisor, Posix.SIGTERM);
        string told = "";
        while (state.Supervisor.Lives)
        {
            string draining = string.Join(", ", StateFile.Read(layout)?.Services.Where(service => service.Condition == ServiceCondition.Draining).Select(service => service.Name) ?? []);
            if (draining.Length > 0 && draining != told)
            {
                told = draining;
                log.Say($"Waiting for {draining} to finish what it has");
            }

            await Task.Delay(Look, cancellation);
        }

        return true;
    }

    /// <summary>Lets a running supervisor restart services, and waits until they are healthy.</summary>
    /// <param name="state">The supervisor.</param>
    /// <param name="services">Which; all, with the active release, if empty.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="LavaException">There is no such service (LAVA5010), or not all became healthy (LAVA5025).</exception>
    internal async Task RestartAsync(InstanceState state, IReadOnlyList<string> services, CancellationToken cancellation)
    {
        string[] known = [.. state.Services.Select(service => service.Name)];
        Problem[] unknown =
        [
            .. services.Where(name => !known.Contains(name))
                .Select(name => Problem.Error(Strings.UnknownService, location, name, Components.NearestName.Advice(known, name))),
        ];
        if (unknown.Length > 0)
        {
            throw new LavaException(unknown);
        }

        string id = Guid.NewGuid().ToString("N");
        RunAs? user = InstanceUser.Of(ServicesFile.Read(ActiveRelease.Of(layout, location).Release), "", location, "The instance");
        new ControlRequest(id, services).Write(layout, user);
        Signal(state.Supervisor, Posix.SIGHUP);
        while (state.Supervisor.Lives)
        {
            if (StateFile.Read(layout) is { } now && now.Answered == id && now.Condition == InstanceCondition.Running)
            {
                Check(now, services);
                return;
            }

            await Task.Delay(Look, cancellation);
        }

        InstanceState? last = StateFile.Read(layout);
        throw Problem.Error(Strings.RestartFailed, location, last is null ? "the supervisor has ended" : Reasons(last.Services)).ToException();
    }

    private void Check(InstanceState now, IReadOnlyList<string> services)
    {
        ServiceState[] bad =
        [
            .. now.Services.Where(service => (services.Count == 0 || services.Contains(service.Name)) && service.Condition != ServiceCondition.Healthy),
        ];
        if (bad.Length > 0)
        {
            throw Problem.Error(Strings.RestartFailed, location, Reasons(bad)).ToException();
        }
    }

    private static string Reasons(IEnumerable<ServiceState> services) => string.Join("; ", services
        .Where(service => service.Condition != ServiceCondition.Healthy)
        .Select(service => $"{service.Name} is {StateFile.Word(service.Condition)}{(service.Reason.Length > 0 ? $" ({service.Reason})" : "")}"));

    // The record may be written by the instance's user: root must not be led by it to another process.
    private bool IsOfThis(int process)
    {
        string[] arguments = ProcessTable.Arguments(process);
        int option = Array.IndexOf(arguments, "--instance");
        return option >= 0 && option + 1 < arguments.Length && Path.TrimEndingDirectorySeparator(arguments[option + 1]) == layout.Root;
    }

    private void Signal(ProcessIdentity supervisor, int signal)
    {
        if (SessionMembers.Signal([supervisor], signal).Count > 0)
        {
            string owner = ProcessTable.Owner(supervisor.Id) is { } user ? Posix.NameOfUser(user) : "another user";
            throw Problem.Error(Strings.CannotStop, location, supervisor.Id, layout.Root, owner).ToException();
        }
    }
}
