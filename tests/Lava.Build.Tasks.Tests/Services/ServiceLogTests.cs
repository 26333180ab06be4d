using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Tests.Shells;

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
    [DataRow("ln -s /dev/full \"$1\"")]
    [DataRow("ln -s elsewhere \"$1\"")]
    [DataRow("mkfifo \"$1\"")]
    [DataRow("mkdir \"$1\"")]
    public async Task What_is_no_file_is_not_written_and_that_is_told_once(string script)
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "web.log");
        await Run.OutputAsync("sh", ["-ec", script, "sh", path]);
        int told = 0;
        using ServiceLog log = new(path, null, _ => told++, limit: 1);
        log.Write("one");
        log.Write("two");
        log.RotateInPlace();
        Assert.IsNull(log.OpenForProgram());
        Assert.IsNull(log.OpenForReading());
        Assert.AreEqual(1, told);
        Assert.HasCount(1, Directory.GetFileSystemEntries(directory.Path));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_full_disk_is_told_once_and_pushes_out_no_old_log(bool inPlace)
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Only root mounts a small disk.");
        }

        using TemporaryDirectory directory = new();
        await Run.OutputAsync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=0755", "small", directory.Path]);
        try
        {
            string path = Path.Combine(directory.Path, "web.log");
            for (int old = 1; old <= ServiceLog.Kept; old++)
            {
                File.WriteAllText($"{path}.{old}", $"{old}");
            }

            File.WriteAllBytes(path, new byte[32 * 1024]);
            List<int> told = [];
            using ServiceLog log = new(path, null, failure => told.Add(failure.HResult), limit: inPlace ? 10 : long.MaxValue);
            for (int i = 0; i < 20; i++)
            {
                if (inPlace)
                {
                    log.RotateInPlace();
                }
                else
                {
                    log.Write(new string('x', 4096));
                }
            }

            CollectionAssert.AreEqual(new[] { Posix.ENOSPC }, told);
            Assert.AreEqual("12345", string.Concat(Enumerable.Range(1, ServiceLog.Kept).Select(old => File.ReadAllText($"{path}.{old}"))));
            Assert.HasCount(ServiceLog.Kept + 1, Directory.GetFiles(directory.Path));
        }
        finally
        {
            await Run.OutputAsync("umount", [directory.Path]);
        }
    }

    [TestMethod]
    public void A_log_that_somebody_deleted_is_begun_anew_and_old_ones_stay()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "web.log");
        File.WriteAllText($"{path}.1", "old");
        using ServiceLog log = new(path, null, Fail, limit: 10);
        log.Write("line 1");
        File.Delete(path);
        log.Write("line 2");
        log.Write("line 3");
        Assert.AreEqual("line 3\n", File.ReadAllText(path));
        Assert.AreEqual("line 2\n", File.ReadAllText($"{path}.1"));
        Assert.AreEqual("old", File.ReadAllText($"{path}.2"));
    }

    [TestMethod]
    public void What_cannot_be_rotated_goes_on_and_loses_nothing_at_each_line()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "web.log");
        int told = 0;
        using ServiceLog log = new(path, null, _ => told++, limit: 10);
        // A file cannot take a directory's place.
        File.WriteAllText($"{path}.1", "old");
        Directory.CreateDirectory($"{path}.{ServiceLog.Kept}");
        for (int old = 2; old < ServiceLog.Kept; old++)
        {
            File.WriteAllText($"{path}.{old}", $"old {old}");
        }

        for (int i = 0; i < 4; i++)
        {
            log.Write($"line {i}");
        }

        Assert.AreEqual("line 0\nline 1\nline 2\nline 3\n", File.ReadAllText(path));
        Assert.AreEqual("old", File.ReadAllText($"{path}.1"));
        Assert.AreEqual(1, told);
    }

    private static void Fail(Exception failure) => throw new AssertFailedException(failure.Message, failure);
}
