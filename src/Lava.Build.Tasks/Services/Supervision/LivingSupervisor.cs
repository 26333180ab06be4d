using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services.Systemd;

namespace Lava.Build.Services.Supervision;

/// <summary>The supervisor of an instance, if one lives. What it has recorded of itself may be of a time before a kill or a power loss.</summary>
internal static class LivingSupervisor
{
    /// <summary>What it does; null if none lives, or if it has not written that yet.</summary>
    internal static InstanceState? StateOf(InstanceLayout layout) =>
        StateFile.Read(layout) is { Runs: true } state && IsOf(layout, state.Supervisor.Id) ? state : null;

    /// <summary>Its process, also if it has not written a state yet; null if none lives.</summary>
    internal static ProcessIdentity? Find(InstanceLayout layout)
    {
        if (StateOf(layout) is { } state)
        {
            return state.Supervisor;
        }

        try
        {
            // It takes the lock before it ends what another has left, and only then writes its state.
            return new RunLock(layout).LastHolder() is { IsSupervisor: true } holder
                && ProcessTable.Find(holder.Process) is { Lives: true } found
                && IsOf(layout, found.Id) ? new ProcessIdentity(found.Id, found.Start) : null;
        }
        catch (IOException failure) when (failure.HResult == Posix.EACCES)
        {
            // The lock is for the instance's user only; the state is for everybody.
            return null;
        }
    }

    /// <summary>Whether it was started by <c>-t:Start</c>, and not in a terminal.</summary>
    internal static bool IsDetached(ProcessIdentity supervisor) => Array.IndexOf(ProcessTable.Arguments(supervisor.Id), "--detached") >= 0;

    // The records may be written by the instance's user: root must not be led by them to another process.
    private static bool IsOf(InstanceLayout layout, int process)
    {
        string[] arguments = ProcessTable.Arguments(process);
        int option = Array.IndexOf(arguments, "--instance");
        return option >= 0 && option + 1 < arguments.Length && Path.TrimEndingDirectorySeparator(arguments[option + 1]) == layout.Root;
    }
}
