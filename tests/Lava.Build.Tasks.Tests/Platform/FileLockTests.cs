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

    [TestMethod]
    public async Task Who_waited_for_a_file_that_was_deleted_waits_for_the_one_in_its_place()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        TaskCompletionSource told = new();
        FileLock first = await FileLock.AcquireAsync(path, "first", _ => { }, CancellationToken.None);
        Task<FileLock> second = FileLock.AcquireAsync(path, "second", _ => told.SetResult(), CancellationToken.None);
        await told.Task;
        File.Delete(path);
        FileLock third = await FileLock.AcquireAsync(path, "third", _ => Assert.Fail("It waited."), CancellationToken.None);

        // The second gets the file that is gone, and opens the one that stands, as the third has.
        first.Dispose();
        SpinWait.SpinUntil(() => second.IsCompleted || OpenTimes(path) == 2);
        Assert.IsFalse(second.IsCompleted);
        third.Dispose();
        (await second).Dispose();
    }

    [TestMethod]
    public async Task Many_share_a_lock_and_one_who_wants_it_alone_waits_for_all()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        FileLock one = await FileLock.AcquireSharedAsync(path, _ => Assert.Fail("It waited."), CancellationToken.None);
        FileLock other = await FileLock.AcquireSharedAsync(path, _ => Assert.Fail("It waited."), CancellationToken.None);
        Assert.IsNull(FileLock.TryAcquire(path, "alone"));
        one.Dispose();
        Assert.IsNull(FileLock.TryAcquire(path, "alone"));
        other.Dispose();
        using FileLock? alone = FileLock.TryAcquire(path, "alone");
        Assert.IsNotNull(alone);
        TaskCompletionSource<string> told = new();
        Task<FileLock> waiting = FileLock.AcquireSharedAsync(path, told.SetResult, CancellationToken.None);
        Assert.StartsWith("alone, process ", await told.Task);
        alone.Dispose();
        (await waiting).Dispose();
    }

    [TestMethod]
    [DataRow(0b111_000_000, 0b110_000_000)]
    [DataRow(0b111_101_101, 0b110_000_000)]
    [DataRow(0b111_111_101, 0b110_110_000)]
    [DataRow(0b111_111_111, 0b110_110_110)]
    public async Task Who_may_make_files_in_a_directory_may_take_its_locks(int directoryMode, int mode)
    {
        using TemporaryDirectory directory = new();
        File.SetUnixFileMode(directory.Path, (UnixFileMode)directoryMode);
        string path = Path.Combine(directory.Path, "lock");
        using FileLock held = await FileLock.AcquireAsync(path, "mine", _ => { }, CancellationToken.None);
        Assert.AreEqual((UnixFileMode)mode, File.GetUnixFileMode(path));
    }

    [TestMethod]
    public async Task A_link_that_leads_nowhere_is_no_lock()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "lock");
        File.CreateSymbolicLink(path, "nowhere");
        await Assert.ThrowsAsync<IOException>(() => FileLock.AcquireAsync(path, "mine", _ => { }, CancellationToken.None));
    }

    private static int OpenTimes(string path) =>
        Directory.EnumerateFiles("/proc/self/fd").Count(descriptor => new FileInfo(descriptor).LinkTarget == path);

    // .NET's own opening would not read what somebody has locked.
    private static async Task<string> ReadAsync(string path) =>
        (await new ProcessRunner(HostEnvironment.OfThisProcess()).RunAsync(new ProcessRequest("cat", [path]), CancellationToken.None)).Output;

    /// <summary>Takes the lock as another program would.</summary>
    private sealed class SafeHandleLock : IDisposable
    {
        private readonly Microsoft.Win32.SafeHandles.SafeFileHandle _handle;

        public SafeHandleLock(string path)
        {
            _handle = Posix.CreateWithoutLock(path)!;
            Assert.IsTrue(Posix.TryLock(_handle, path));
        }

        public void Dispose() => _handle.Dispose();
    }
}
