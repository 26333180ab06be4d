using System.Runtime.ExceptionServices;

namespace Lava.Build.Platform;

/// <summary>Work that consists of system calls and hashing, on as many threads as there are processors.</summary>
internal static class Workers
{
    /// <summary>Does <paramref name="work"/> for every number from 0, in any order, and returns when all is done.</summary>
    /// <exception cref="OperationCanceledException">The caller cancelled; no further work was begun.</exception>
    /// <remarks>What fails ends the others, and is thrown as it is.</remarks>
    internal static void For(int count, Action<int> work, CancellationToken cancellation)
    {
        ParallelOptions options = new() { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount };
        try
        {
            Parallel.For(0, count, options, work);
        }
        catch (AggregateException failure)
        {
            ExceptionDispatchInfo.Throw(failure.InnerExceptions[0]);
        }
    }
}
