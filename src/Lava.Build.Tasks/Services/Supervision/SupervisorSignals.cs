using System.Runtime.InteropServices;
using System.Threading.Channels;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Supervision;

/// <summary>What the supervisor is told by signals, and by the end of whoever started it; until the process ends.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "It listens until the process ends, and sources without timers hold nothing.")]
internal sealed class SupervisorSignals
{
    // Never taken back: a signal that comes when all has stopped would still kill the process, whose exit code says how that went.
    private static readonly List<PosixSignalRegistration> Registrations = [];

    // A program that ends this one may send the signal to its group as well; no person is so fast.
    private static readonly TimeSpan OnePress = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _now = new();
    private readonly CancellationTokenSource _hangUp = new();
    private readonly Channel<bool> _requests = Channel.CreateUnbounded<bool>();
    private long _interrupted;

    /// <summary>Begins to listen.</summary>
    /// <param name="withParent">Whether the end of the parent process is a reason to stop.</param>
    internal SupervisorSignals(bool withParent)
    {
        int parent = Posix.Parent();
        Add(PosixSignal.SIGINT, Interrupt);
        Add(PosixSignal.SIGTERM, _stop.Cancel);
        Add(PosixSignal.SIGQUIT, _stop.Cancel);
        Add(PosixSignal.SIGHUP, _hangUp.Cancel);
        // A number stands for itself.
        Add((PosixSignal)ControlRequest.Signal, () => _requests.Writer.TryWrite(true));
        if (withParent)
        {
            WatchParent(parent);
        }
    }

    /// <summary>Cancelled when all is to stop: SIGINT, SIGTERM, or the parent's end.</summary>
    internal CancellationToken Stop => _stop.Token;

    /// <summary>Cancelled when nothing is to be waited for any more: a second SIGINT.</summary>
    internal CancellationToken Now => _now.Token;

    /// <summary>Cancelled when the terminal is gone, if there was one: SIGHUP.</summary>
    internal CancellationToken HangUp => _hangUp.Token;

    /// <summary>Waits until <see cref="ControlRequest.Signal"/> says that a request is there; false when all is to stop before.</summary>
    internal async Task<bool> RequestedAsync(CancellationToken stop)
    {
        try
        {
            return await _requests.Reader.ReadAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Interrupt()
    {
        long now = Environment.TickCount64;
        if (!_stop.IsCancellationRequested)
        {
            _interrupted = now;
            _stop.Cancel();
        }
        else if (now - _interrupted > OnePress.TotalMilliseconds)
        {
            _now.Cancel();
        }
    }

    private static void Add(PosixSignal signal, Action action) => Registrations.Add(PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        action();
    }));

    // Not by a signal at the parent's death: that comes already when the thread ends that started this process.
    private void WatchParent(int parent)
    {
        SafeFileHandle? handle = Posix.OpenProcess(parent);
        if (handle is null || Posix.Parent() != parent)
        {
            _stop.Cancel();
            return;
        }

        new Thread(() =>
        {
            using (handle)
            {
                Posix.WaitForEnd(handle);
            }

            _stop.Cancel();
        })
        { IsBackground = true, Name = "parent" }.Start();
    }
}
