using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Supervision;

/// <summary>A service or step in its course: waits for others, does its work, and is stopped.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing to dispose.")]
internal abstract class Unit(string name, RunContext context)
{
    private readonly TaskCompletionSource<bool> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Its name.</summary>
    internal string Name { get; } = name;

    /// <summary>True once others that wait for it may start; false once that will not happen.</summary>
    internal Task<bool> Ready => _ready.Task;

    /// <summary>Done when nothing of it runs any more.</summary>
    internal Task Finished { get; private set; } = Task.CompletedTask;

    /// <summary>What it has in common with the others.</summary>
    protected RunContext Context { get; } = context;

    /// <summary>Cancelled when it is to stop.</summary>
    protected CancellationToken Stopping => _stop.Token;

    /// <summary>Lets it take its course.</summary>
    internal void Begin(IReadOnlyList<Unit> predecessors) => Finished = Task.Run(() => RunAsync(predecessors));

    /// <summary>Ends it; <see cref="Finished"/> says when that is done.</summary>
    internal void Stop() => _stop.Cancel();

    /// <summary>The work; what it throws has made it fail for good.</summary>
    protected abstract Task WorkAsync();

    /// <summary>Others may start.</summary>
    protected void BecomeReady() => _ready.TrySetResult(true);

    /// <summary>Records that it has failed, and why.</summary>
    /// <returns>What becomes of the others.</returns>
    protected abstract FailureAction RecordFailure(string reason);

    /// <summary>Records that it has stopped without having failed.</summary>
    protected abstract void RecordStop();

    private async Task RunAsync(IReadOnlyList<Unit> predecessors)
    {
        try
        {
            foreach (Unit predecessor in predecessors)
            {
                if (!await predecessor.Ready.WaitAsync(Stopping))
                {
                    string reason = $"'{predecessor.Name}', which it waits for, does not run";
                    Fail(reason, [Problem.Error(Strings.PredecessorFailed, Context.Location, Name, predecessor.Name)]);
                    return;
                }
            }

            await WorkAsync();
        }
        catch (OperationCanceledException) when (Stopping.IsCancellationRequested)
        {
            RecordStop();
        }
        catch (LavaException failure)
        {
            Fail(failure.Problems[0].Text, failure.Problems);
        }
        catch (Exception failure) when (FileSystemProblem.From(failure) is { } problem)
        {
            Fail(problem.Text, [problem]);
        }
        finally
        {
            _ready.TrySetResult(false);
        }
    }

    private void Fail(string reason, IReadOnlyList<Problem> problems) => Context.OnFailed(RecordFailure(reason), problems);
}
