using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Ends the processes of a service or step.</summary>
internal static class ProcessEnd
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Killing = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    /// <summary>Asks the main process to end, kills it after its time, and then does the same with what it has left, if that is to end with it.</summary>
    /// <param name="child">The main process, which may have ended.</param>
    /// <param name="rule">How.</param>
    /// <param name="token">The supervisor's token.</param>
    /// <param name="name">The service.</param>
    /// <param name="now">Cancelled when nothing is waited for any more.</param>
    internal static async Task EndAsync(ChildProcess child, EndRule rule, string token, string name, CancellationToken now)
    {
        // Looked at before: afterwards nothing would tell whose children had sessions of their own.
        IReadOnlyList<ProcessIdentity> before = Members(child.Identity, rule, token, name);
        if (!child.Ended.IsCompleted)
        {
            child.Signal(SignalNames.Number(rule.Signal));
            if (!await EndedWithinAsync(child.Ended, TimeSpan.FromSeconds(rule.Timeout), now))
            {
                before = [.. before.Union(Members(child.Identity, rule, token, name))];
                child.Signal(Posix.SIGKILL);
                await child.Ended;
            }
        }

        ProcessIdentity[] rest = [.. before.Union(Members(child.Identity, rule, token, name)).Where(process => process != child.Identity)];
        await EndAsync(rest, rule, now);
        if (rule.Mode == KillMode.Group)
        {
            // What it said last is read before it is spoken of.
            await EndedWithinAsync(child.OutputEnded, OutputGrace, now);
        }
    }

    /// <summary>Asks processes to end, and kills them after their time.</summary>
    /// <returns>Those that still live, because they belong to somebody else.</returns>
    internal static async Task<IReadOnlyList<ProcessIdentity>> EndAsync(IReadOnlyList<ProcessIdentity> processes, EndRule rule, CancellationToken now)
    {
        SessionMembers.Signal(processes, SignalNames.Number(rule.Signal));
        if (!await GoneWithinAsync(processes, TimeSpan.FromSeconds(rule.Timeout), now))
        {
            SessionMembers.Signal(processes, Posix.SIGKILL);
            await GoneWithinAsync(processes, Killing, CancellationToken.None);
        }

        return [.. processes.Where(process => process.Lives)];
    }

    /// <summary>Waits for something for a time, or until nothing is waited for any more; says whether it happened.</summary>
    internal static async Task<bool> EndedWithinAsync(Task task, TimeSpan limit, CancellationToken now)
    {
        using CancellationTokenSource time = CancellationTokenSource.CreateLinkedTokenSource(now);
        await Task.WhenAny(task, Task.Delay(limit, time.Token));
        await time.CancelAsync();
        return task.IsCompleted;
    }

    /// <summary>What is ended together with a main process, itself not always included.</summary>
    private static IReadOnlyList<ProcessIdentity> Members(ProcessIdentity main, EndRule rule, string token, string name)
    {
        if (rule.Mode == KillMode.Process)
        {
            return [];
        }

        IReadOnlyList<ProcessStatus> all = ProcessTable.All();
        return [.. SessionMembers.Of(main, all).Union(SessionMembers.OfToken(token, name, all))];
    }

    // They are no children of this process, so only looking tells.
    private static async Task<bool> GoneWithinAsync(IReadOnlyList<ProcessIdentity> processes, TimeSpan limit, CancellationToken now)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (processes.Any(process => process.Lives))
        {
            if (Environment.TickCount64 > end || now.IsCancellationRequested)
            {
                return false;
            }

            await Task.Delay(Look, CancellationToken.None);
        }

        return true;
    }
}
