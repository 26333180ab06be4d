using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>
/// Starts processes from one thread that ends only with this process. The signal that a child asks for at the death of its
/// parent (prctl(2), PR_SET_PDEATHSIG) comes when the thread that started it ends, and threads of the pool end at any time.
/// </summary>
internal static class ProcessStarter
{
    private const int SigKill = 9;
    private static readonly ConcurrentDictionary<int, byte> Groups = new();
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Requests = Begin();

    /// <summary>As <see cref="Process.Start(ProcessStartInfo)"/>, with its exceptions.</summary>
    internal static Task<Process> StartAsync(ProcessStartInfo start)
    {
        TaskCompletionSource<Process> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add((start, started));
        return started.Task;
    }

    /// <summary>A process group that must not outlive this process, until <see cref="Forget"/>.</summary>
    internal static void Remember(int processGroup) => Groups[processGroup] = 0;

    /// <summary>A process group that has ended.</summary>
    internal static void Forget(int processGroup) => Groups.TryRemove(processGroup, out _);

    private static BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Begin()
    {
        // SIGTERM ends this process in order, and the death signal reaches only the program itself, not what it started.
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            foreach (int group in Groups.Keys)
            {
                Posix.KillGroup(group, SigKill);
            }
        };
        BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> requests = [];
        Thread thread = new(() => Work(requests)) { IsBackground = true, Name = "Lava.Build processes" };
        thread.Start();
        return requests;
    }

    private static void Work(BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> requests)
    {
        foreach ((ProcessStartInfo start, TaskCompletionSource<Process> started) in requests.GetConsumingEnumerable())
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        }
    }
}
