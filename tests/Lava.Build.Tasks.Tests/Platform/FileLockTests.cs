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
}
