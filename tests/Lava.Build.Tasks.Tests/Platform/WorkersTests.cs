using Lava.Build.Platform;
using Lava.Build.Tests.Databases;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class WorkersTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(1000)]
    public async Task Every_number_is_worked_on_once(int count)
    {
        int[] times = new int[count];
        Workers.For(count, i => Interlocked.Increment(ref times[i]), CancellationToken.None);
        await Workers.ForAsync(
            count,
            3,
            async (i, token) =>
            {
                if (i % 2 == 0)
                {
                    await Task.Delay(TimeSpan.Zero, token);
                    await Task.Yield();
                }

                Interlocked.Increment(ref times[i]);
            },
            CancellationToken.None);
        Assert.IsTrue(times.All(time => time == 2));
    }

    [TestMethod]
    public async Task Work_that_blocks_keeps_none_of_the_pool_s_threads()
    {
        using Barrier all = new(5);
        await Workers.ForAsync(
            5,
            5,
            (_, token) =>
            {
                Assert.IsFalse(Thread.CurrentThread.IsThreadPoolThread);
                Assert.IsTrue(all.SignalAndWait(Limit, token), "They are not at work at once.");
                return Task.CompletedTask;
            },
            CancellationToken.None);
    }

    [TestMethod]
    public async Task What_fails_ends_the_others_and_is_thrown_as_it_is()
    {
        int begun = 0;
        IOException failure = Assert.ThrowsExactly<IOException>(() => Workers.For(100_000, Fail, CancellationToken.None));
        Assert.AreEqual("no room", failure.Message);
        Assert.IsLessThan(100_000, begun);

        begun = 0;
        failure = await Assert.ThrowsExactlyAsync<IOException>(() => Workers.ForAsync(
            100_000,
            2,
            async (i, token) =>
            {
                Fail(i);
                await Task.Yield();
            },
            CancellationToken.None));
        Assert.AreEqual("no room", failure.Message);
        Assert.IsLessThan(100_000, begun);

        void Fail(int i)
        {
            Interlocked.Increment(ref begun);
            if (i == 10)
            {
                throw new IOException("no room");
            }
        }
    }

    [TestMethod]
    public async Task Nothing_more_is_begun_once_the_caller_has_cancelled()
    {
        using CancellationTokenSource cancelled = new();
        int begun = 0;
        Assert.ThrowsExactly<OperationCanceledException>(() => Workers.For(100_000, Cancel, cancelled.Token));
        Assert.IsLessThan(100_000, begun);
        begun = 0;
        await Assert.ThrowsAsync<OperationCanceledException>(() => Workers.ForAsync(
            100_000,
            2,
            (i, _) =>
            {
                Cancel(i);
                return Task.CompletedTask;
            },
            cancelled.Token));
        Assert.AreEqual(0, begun);

        void Cancel(int i)
        {
            Interlocked.Increment(ref begun);
            cancelled.Cancel();
        }
    }

    [TestMethod]
    public async Task What_the_disk_cannot_write_is_heard_by_whoever_waits_for_it()
    {
        if (!OrdinaryUser.IsRoot)
        {
            Assert.Inconclusive("Only root can mount a disk that fails.");
        }

        using TemporaryDirectory directory = new();
        (string program, string[] arguments) = HelperProgram.CommandLine("write-behind", Path.Combine(directory.Path, "disk"));
        // What is written to the disk gets no room in the file system that holds its image.
        const string Script = """
            cd "$0"
            mkdir room disk
            mount -t tmpfs -o size=3m none room
            truncate -s 16M room/image
            PATH=$PATH:/sbin:/usr/sbin mkfs.ext2 -q -F room/image
            mount -o loop room/image disk || exit 77
            exec "$@"
            """;
        Ran ran = await Run.ProgramAsync(
            "unshare", ["--mount", "--", "sh", "-euc", Script, directory.Path, program, .. arguments], new Dictionary<string, string?> { ["DOTNET_EnableDiagnostics"] = "0" });
        if (ran.ExitCode == 77)
        {
            Assert.Inconclusive($"A file cannot be mounted as a disk here: {ran.Error}");
        }

        Assert.AreEqual("another: failed\nopened late: wrote\nbegun: failed\n", ran.Output, ran.Error);
    }
}
