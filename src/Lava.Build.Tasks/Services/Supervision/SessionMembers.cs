using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>The processes that belong to a service, however they have arranged themselves.</summary>
internal static class SessionMembers
{
    /// <summary>
    /// All living processes of the session that <paramref name="leader"/> led, and all its descendants. A session's number is given to no
    /// other process as long as one is in it; one that started before the leader, or is led by another, is another session of that number.
    /// </summary>
    internal static IReadOnlyList<ProcessIdentity> Of(ProcessIdentity leader) => Of(leader, ProcessTable.All());

    /// <summary>The same, among given processes.</summary>
    internal static IReadOnlyList<ProcessIdentity> Of(ProcessIdentity leader, IReadOnlyList<ProcessStatus> all)
    {
        if (leader.Id <= 0)
        {
            return [];
        }

        bool reused = all.Any(process => process.Id == leader.Id && process.Start != leader.Start);
        HashSet<int> members = reused ? [] : [.. all.Where(process => process.Session == leader.Id && process.Start >= leader.Start).Select(process => process.Id)];
        // Children of a member may have made sessions of their own.
        for (int before = -1; before != members.Count;)
        {
            before = members.Count;
            members.UnionWith(all.Where(process => members.Contains(process.Parent)).Select(process => process.Id));
        }

        return [.. all.Where(process => members.Contains(process.Id)).Select(process => new ProcessIdentity(process.Id, process.Start))];
    }

    /// <summary>All living processes that a supervisor started for a service, as far as their variables still tell.</summary>
    internal static IReadOnlyList<ProcessIdentity> OfToken(string token, string name, IReadOnlyList<ProcessStatus> all) =>
    [
        .. all.Where(process =>
                ProcessTable.Variable(process.Id, RunContext.TokenVariable) == token && ProcessTable.Variable(process.Id, RunContext.NameVariable) == name)
            .Select(process => new ProcessIdentity(process.Id, process.Start)),
    ];

    /// <summary>Sends a signal to each that still lives.</summary>
    /// <returns>Those that belong to somebody else.</returns>
    internal static IReadOnlyList<ProcessIdentity> Signal(IEnumerable<ProcessIdentity> processes, int signal)
    {
        List<ProcessIdentity> refused = [];
        foreach (ProcessIdentity process in processes)
        {
            try
            {
                // A handle first, then a second look: from then on the id cannot become another's unnoticed.
                using Microsoft.Win32.SafeHandles.SafeFileHandle? handle = Posix.OpenProcess(process.Id);
                if (handle is not null && process.Lives)
                {
                    Posix.Signal(handle, signal);
                }
            }
            catch (IOException)
            {
                refused.Add(process);
            }
        }

        return refused;
    }

    /// <summary>Kills a whole session at once.</summary>
    internal static void Kill(ProcessIdentity leader) => Signal(Of(leader), Posix.SIGKILL);
}
