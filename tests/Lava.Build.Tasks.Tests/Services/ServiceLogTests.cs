using Lava.Build.Platform;
using Lava.Build.Services;

namespace Lava.Build.Tests.Services;

[TestClass]
public sealed class ServiceLogTests
{
    [TestMethod]
    public void A_log_is_rotated_by_size_and_the_five_last_are_kept()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "web.log");
        using (ServiceLog log = new(path, null, Fail, limit: 10))
        {
            for (int i = 0; i < 10; i++)
            {
                log.Write($"line {i}");
            }
        }

        Assert.AreEqual("line 9\n", File.ReadAllText(path));
        for (int old = 1; old <= ServiceLog.Kept; old++)
        {
            Assert.AreEqual($"line {9 - old}\n", File.ReadAllText($"{path}.{old}"));
        }

        Assert.HasCount(ServiceLog.Kept + 1, Directory.GetFiles(directory.Path));
    }

    [TestMethod]
    public void A_log_is_continued()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "web.log");
        foreach (string line in (string[])["one", "two"])
        {
            using ServiceLog log = new(path, null, Fail);
            log.Write(line);
        }

        Assert.AreEqual("one\ntwo\n", File.ReadAllText(path));
    }

    [TestMethod]
    public void What_a_program_writes_by_itself_is_rotated_under_it()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "web.log");
        using ServiceLog log = new(path, null, Fail, limit: 10);
        using Microsoft.Win32.SafeHandles.SafeFileHandle program = log.OpenForProgram()!;
        Posix.Write(program, "a long first line\n"u8, path);
        log.RotateInPlace();
        Posix.Write(program, "next\n"u8, path);
        log.RotateInPlace();
        Assert.AreEqual("next\n", File.ReadAllText(path));
        Assert.AreEqual("a long first line\n", File.ReadAllText($"{path}.1"));
    }

    [TestMethod]
    public void A_full_disk_is_told_once()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "web.log");
        File.CreateSymbolicLink(path, "/dev/full");
        int told = 0;
        using ServiceLog log = new(path, null, failure =>
        {
            Assert.AreEqual(Posix.ENOSPC, failure.HResult);
            told++;
        });
        log.Write("one");
        log.Write("two");
        Assert.AreEqual(1, told);
    }

    private static void Fail(Exception failure) => throw new AssertFailedException(failure.Message, failure);
}
