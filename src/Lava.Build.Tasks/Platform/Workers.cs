using System.Runtime.ExceptionServices;

namespace Lava.Build.Platform;

/// <summary>
/// Work that consists of system calls and hashing, on threads of its own. The pool begins with as few as there are processors, MSBuild
/// uses those too, and more come only every half a second.
/// </summary>
internal static class Workers
{
    /// <summary>Does <paramref name="work"/> for every number from 0, on as many threads as there are processors, and returns when all is done.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; no further work was begun.</exception>
    /// <remarks>After a failure nothing more is begun. It is thrown as it is, when what was begun before has ended.</remarks>
    internal static void For(int count, Action<int> work, CancellationToken cancellation)
    {
        int next = -1;
        ExceptionDispatchInfo? failure = null;
        Thread[] others = [.. Enumerable.Range(1, Math.Max(0, Math.Min(count, Environment.ProcessorCount) - 1)).Select(_ => new Thread(Work) { IsBackground = true })];
        int started = 0;
        try
        {
            for (; started < others.Length; started++)
            {
                others[started].Start();
            }
        }
        catch (OutOfMemoryException)
        {
            // The host lets this user have no more threads: those that there are do it.
        }

        // This thread is one of them.
        Work();
        foreach (Thread other in others.AsSpan(0, started))
        {
            other.Join();
        }

        failure?.Throw();

        void Work()
        {
            try
            {
                for (int i; Volatile.Read(ref failure) is null && (i = Interlocked.Increment(ref next)) < count;)
                {
                    cancellation.ThrowIfCancellationRequested();
                    work(i);
                }
            }
            catch (Exception thrown)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(thrown), null);
            }
        }
    }

    /// <summary>As <see cref="For"/>, for work that sometimes waits for a program: its thread goes on with the next only if it did not.</summary>
    /// <param name="count">How many numbers there are.</param>
    /// <param name="parallel">How many are worked on at once.</param>
    /// <param name="work">The work; its token also says that another one failed.</param>
    /// <param name="cancellation">Ends the work.</param>
    internal static async Task ForAsync(int count, int parallel, Func<int, CancellationToken, Task> work, CancellationToken cancellation)
    {
        int next = -1;
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await Task.WhenAll(Enumerable.Range(0, Math.Min(count, parallel)).Select(_ => WorkAsync()));

        async Task WorkAsync()
        {
            try
            {
                while (await Begin(WorkUntilOneWaits) is { } waiting)
                {
                    await waiting;
                }
            }
            catch
            {
                await end.CancelAsync();
                throw;
            }
        }

        Task? WorkUntilOneWaits()
        {
            for (int i; (i = Interlocked.Increment(ref next)) < count;)
            {
                end.Token.ThrowIfCancellationRequested();
                Task task = work(i, end.Token);
                if (!task.IsCompletedSuccessfully)
                {
                    return task;
                }
            }

            return null;
        }
    }

    /// <summary>Begins work that blocks, on a thread of its own, or on one of the pool where the host lets this user have no more.</summary>
    internal static Task<T> Begin<T>(Func<T> work)
    {
        try
        {
            return Task.Factory.StartNew(
                work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.RunContinuationsAsynchronously, TaskScheduler.Default);
        }
        catch (TaskSchedulerException)
        {
            return Task.Run(work);
        }
    }
}
