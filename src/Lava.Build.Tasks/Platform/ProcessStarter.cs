using System.Collections.Concurrent;
using System.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>
/// Starts processes from one thread that ends only with this process. The signal that a child asks for at the death of its
/// parent (prctl(2), PR_SET_PDEATHSIG) comes when the thread that started it ends, and threads of the pool end at any time.
/// </summary>
internal static class ProcessStarter
{
    private static readonly BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Requests = Begin();

    /// <summary>As <see cref="Process.Start(ProcessStartInfo)"/>, with its exceptions.</summary>
    internal static Task<Process> StartAsync(ProcessStartInfo start)
    {
        TaskCompletionSource<Process> started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add((start, started));
        return started.Task;
    }

    private static BlockingCollection<(ProcessStartInfo Start, TaskCompletionSource<Process> Started)> Begin()
    {
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
