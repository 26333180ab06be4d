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
    private string _told = "";

    /// <summary>Stops services, and waits until that is done.</summary>
    /// <param name="services">Which; all, with the supervisor itself, if empty.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False if nothing was running.</returns>
    /// <exception cref="LavaException">It belongs to another user (LAVA5024), or there is no such service (LAVA5010).</exception>
    internal async Task<bool> StopAsync(IReadOnlyList<string> services, CancellationToken cancellation)
    {
        if (LivingSupervisor.Find(layout) is not { } supervisor)
        {
            return false;
        }

        if (services.Count > 0)
        {
            // If it ends meanwhile, they have ended, too.
            await AskAsync(supervisor, ControlRequest.Make(ControlVerb.Stop, services), cancellation);
            return true;
        }

        Signal(supervisor, Posix.SIGTERM);
        await WhileAsync(() => supervisor.Lives, cancellation);
        return true;
    }

    /// <summary>Lets a running supervisor restart services, and waits until they are healthy.</summary>
    /// <param name="services">Which; all, with the active release, if empty.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <returns>False if this supervisor is not asked for that: none runs, or all of a detached one is to be restarted, which a new one does.</returns>
    /// <exception cref="LavaException">It belongs to another user (LAVA5024), there is no such service (LAVA5010), or not all became healthy (LAVA5025).</exception>
    internal async Task<bool> RestartAsync(IReadOnlyList<string> services, CancellationToken cancellation)
    {
        if (LivingSupervisor.Find(layout) is not { } supervisor || (services.Count == 0 && LivingSupervisor.IsDetached(supervisor)))
        {
            return false;
        }

        bool done = await AskAsync(supervisor, ControlRequest.Make(ControlVerb.Restart, services), cancellation);
        IReadOnlyList<ServiceState> all = StateFile.Read(layout)?.Services ?? [];
        ServiceState[] bad =
        [
            .. all.Where(service => (services.Count == 0 || services.Contains(service.Name)) && service.Condition != ServiceCondition.Healthy),
        ];
        return done && bad.Length == 0
            ? true
            : throw Problem.Error(Strings.RestartFailed, location, bad.Length == 0 ? "the supervisor has ended" : Reasons(bad)).ToException();
    }

    /// <summary>Leaves a request, and waits until it is done; false if the supervisor has ended before that.</summary>
    private async Task<bool> AskAsync(ProcessIdentity supervisor, ControlRequest request, CancellationToken cancellation)
    {
        // What it runs is known, and requests of the past are gone, once it has written its state.
        InstanceState? state = null;
        await WhileAsync(() => supervisor.Lives && (state = LivingSupervisor.StateOf(layout)) is null, cancellation);
        if (state is null)
        {
            return false;
        }

        StartPlan.CheckNames(request.Services, [.. state.Services.Select(service => service.Name)], "not among the services that were started", location);
        RunAs? user = InstanceUser.Of(ServicesFile.ReadIfAny(ActiveRelease.Of(layout, location).Release), "", location, "The instance");
        request.Write(layout, user);
        try
        {
            Signal(supervisor, ControlRequest.Signal);
            await WhileAsync(() => supervisor.Lives && request.Waits(layout), cancellation);
            return !request.Waits(layout);
        }
        finally
        {
            request.Delete(layout, user);
        }
    }

    private async Task WhileAsync(Func<bool> condition, CancellationToken cancellation)
    {
        while (condition())
        {
            string draining = string.Join(", ", StateFile.Read(layout)?.Services.Where(service => service.Condition == ServiceCondition.Draining).Select(service => service.Name) ?? []);
            if (draining.Length > 0 && draining != _told)
            {
                _told = draining;
                log.Say($"Waiting for {draining} to finish what it has");
            }

            await Task.Delay(Look, cancellation);
        }
    }

    private static string Reasons(IEnumerable<ServiceState> services) => string.Join("; ", services
        .Select(service => $"{service.Name} is {StateFile.Word(service.Condition)}{(service.Reason.Length > 0 ? $" ({service.Reason})" : "")}"));

    private void Signal(ProcessIdentity supervisor, int signal)
    {
        if (SessionMembers.Signal([supervisor], signal).Count > 0)
        {
            string owner = ProcessTable.Owner(supervisor.Id) is { } user ? Posix.NameOfUser(user) : "another user";
            throw Problem.Error(Strings.CannotStop, location, supervisor.Id, layout.Root, owner).ToException();
        }
    }
}
