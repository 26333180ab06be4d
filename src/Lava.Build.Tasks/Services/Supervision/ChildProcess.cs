using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Supervision;

/// <summary>A program to start as the leader of a session of its own.</summary>
/// <param name="Program">Its absolute path.</param>
/// <param name="Arguments">Its arguments, without its name.</param>
/// <param name="Environment">All its variables.</param>
/// <param name="Directory">Where it runs.</param>
internal sealed record ChildRequest(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string Directory)
{
    /// <summary>Whom it runs as, where that is not the caller.</summary>
    internal RunAs? User { get; init; }

    /// <summary>The signal that the kernel sends it when this process dies, such as <c>SIGTERM</c>; none if null.</summary>
    internal string? DeathSignal { get; init; }

    /// <summary>Where its output goes; null: to this process, line by line.</summary>
    internal SafeFileHandle? Output { get; init; }

    /// <summary>Takes its output.</summary>
    internal required OutputLines Lines { get; init; }
}

/// <summary>A process of ours. It does nothing before <see cref="Release"/>.</summary>
internal sealed class ChildProcess(ProcessIdentity identity, SafeFileHandle go, Func<int, int, bool> kill) : IDisposable
{
    private readonly TaskCompletionSource<int> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _outputEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its id and start time.</summary>
    internal ProcessIdentity Identity { get; } = identity;

    /// <summary>Its exit code, once it has ended.</summary>
    internal Task<int> Ended => _ended.Task;

    /// <summary>Done when nobody has its output open any more.</summary>
    internal Task OutputEnded => _outputEnded.Task;

    /// <summary>Lets it become its program.</summary>
    internal void Release()
    {
        try
        {
            Posix.Write(go, "go\n"u8, "a pipe");
        }
        catch (IOException)
        {
            // Somebody has killed it; its exit code says so.
        }

        go.Dispose();
    }

    /// <summary>Sends it a signal; false if it has ended. Never reaches another process that got its id.</summary>
    internal bool Signal(int signal) => kill(Identity.Id, signal);

    /// <inheritdoc/>
    public void Dispose() => go.Dispose();

    internal void SetEnded(int exitCode) => _ended.TrySetResult(exitCode);

    internal void SetOutputEnded() => _outputEnded.TrySetResult();
}
