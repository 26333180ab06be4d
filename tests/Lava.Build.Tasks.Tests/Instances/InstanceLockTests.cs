using System.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Instances;

[TestClass]
public sealed class InstanceLockTests
{
    [TestMethod]
    public async Task Who_waits_is_told_for_which_instance_and_for_whom()
    {
        using TemporaryDirectory directory = new();
        InstanceLayout layout = new(Path.Combine(directory.Path, "instance"));
        RecordingLog log = new();
        FileLock first = await InstanceLock.AcquireAsync(layout, "assembling a release", log, CancellationToken.None);
        Assert.IsEmpty(log.Lines);
        Task<FileLock> second = InstanceLock.AcquireAsync(layout, "activating a release", log, CancellationToken.None);
        Assert.IsTrue(SpinWait.SpinUntil(() => log.Lines.Count > 0, TimeSpan.FromSeconds(30)));
        Assert.StartsWith(
            $"Waiting for the instance {layout.Root} (assembling a release, process {Environment.ProcessId} of ", log.Lines.Single());
        Assert.IsFalse(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();
    }

    [TestMethod]
    public async Task Another_process_is_waited_for_until_it_is_gone()
    {
        using TemporaryDirectory directory = new();
        InstanceLayout layout = new(directory.Path);
        Directory.CreateDirectory(layout.Code);
        using Process holder = await HelperProgram.HoldLockAsync(layout.Lock);
        RecordingLog log = new();
        Task<FileLock> waiting = InstanceLock.AcquireAsync(layout, "assembling a release", log, CancellationToken.None);
        Assert.IsTrue(SpinWait.SpinUntil(() => log.Lines.Count > 0, TimeSpan.FromSeconds(30)));
        Assert.Contains($"(holding, process {holder.Id} of ", log.Lines.Single());
        holder.Kill();
        (await waiting).Dispose();
    }

    [TestMethod]
    public async Task Instances_do_not_wait_for_one_another()
    {
        using TemporaryDirectory directory = new();
        using FileLock first = await InstanceLock.AcquireAsync(
            new InstanceLayout(Path.Combine(directory.Path, "a")), "assembling a release", new RecordingLog(), CancellationToken.None);
        using FileLock second = await InstanceLock.AcquireAsync(
            new InstanceLayout(Path.Combine(directory.Path, "b")), "assembling a release", new RecordingLog(), CancellationToken.None);
    }
}
