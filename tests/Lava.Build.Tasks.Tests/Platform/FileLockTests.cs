using System.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class FileLockTests
{
    [TestMethod]
    public async Task The_second_waits_for_the_first_and_is_told_for_whom()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        TaskCompletionSource<string> told = new();
        FileLock first = await FileLock.AcquireAsync(path, "first", _ => { }, CancellationToken.None);
        Task<FileLock> second = FileLock.AcquireAsync(path, "second", told.SetResult, CancellationToken.None);
        Assert.StartsWith("first, process ", await told.Task);
        Assert.IsFalse(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [TestMethod]
    public async Task Waiting_can_be_cancelled()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        using CancellationTokenSource cancel = new();
        using FileLock first = await FileLock.AcquireAsync(path, "first", _ => { }, CancellationToken.None);
        await Assert.ThrowsAsync<OperationCanceledException>(() => FileLock.AcquireAsync(path, "second", _ => cancel.Cancel(), cancel.Token));
    }

    [TestMethod]
    public async Task Nobody_is_told_who_need_not_wait()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        for (int i = 0; i < 3; i++)
        {
            using FileLock held = await FileLock.AcquireAsync(path, "mine", _ => Assert.Fail("It waited."), CancellationToken.None);
            string holder = await ReadAsync(path);
            Assert.StartsWith($"mine, process {Environment.ProcessId} of {Environment.UserName} on {Environment.MachineName}, since ", holder);
            Assert.EndsWith("Z\n", holder);
        }
    }

    [TestMethod]
    public async Task The_lock_of_a_killed_process_is_free()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        using Process holder = await HelperProgram.HoldLockAsync(path);
        TaskCompletionSource<string> told = new();
        Task<FileLock> waiting = FileLock.AcquireAsync(path, "second", told.SetResult, CancellationToken.None);
        Assert.StartsWith($"holding, process {holder.Id} of ", await told.Task);
        Assert.IsFalse(waiting.IsCompleted);
        holder.Kill();
        (await waiting).Dispose();
        Assert.StartsWith("second, process ", await ReadAsync(path));
    }

    [TestMethod]
    public async Task A_holder_that_says_nothing_of_itself_is_waited_for_too()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        TaskCompletionSource<string> told = new();
        using SafeHandleLock foreign = new(path);
        Task<FileLock> waiting = FileLock.AcquireAsync(path, "second", told.SetResult, CancellationToken.None);
        Assert.AreEqual("an unknown process", await told.Task);
        foreign.Dispose();
        (await waiting).Dispose();
    }

    [TestMethod]
    public async Task Of_many_only_one_at_a_time_has_it()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        int inside = 0;
        int most = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            using FileLock held = await FileLock.AcquireAsync(path, $"{i}", _ => { }, CancellationToken.None);
            most = Math.Max(most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
        })));
        Assert.AreEqual(1, most);
    }

    // .NET's own opening would not read what somebody has locked.
    private static async Task<string> ReadAsync(string path) =>
        (await new ProcessRunner(HostEnvironment.OfThisProcess()).RunAsync(new ProcessRequest("cat", [path]), CancellationToken.None)).Output;

    /// <summary>Takes the lock as another program would.</summary>
    private sealed class SafeHandleLock : IDisposable
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle;

        public SafeHandleLock(string path)
        {
            _handle = Posix.OpenWithoutLock(path);
            Assert.IsTrue(Posix.TryLock(_handle, path));
        }

        public void Dispose() => _handle.Dispose();
    }
}
