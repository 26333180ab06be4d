using System.Runtime.InteropServices;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Diagnostics;

/// <summary>What a real kernel refuses, and what the user is told.</summary>
[TestClass]
public sealed partial class FileSystemProblemTests
{
    private const uint Nobody = 65534;

    private static bool IsRoot => Posix.EffectiveUser() == 0;

    [TestMethod]
    public void Where_the_user_may_not_write_the_message_says_so_and_where()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "it's a", "directory");
        Directory.CreateDirectory(path);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_101_101);
        string file = Path.Combine(path, "file");
        foreach (Action refused in (Action[])
        [
            () => File.WriteAllText(file, ""),
            () => AtomicFile.WriteAsync(file, "", AtomicFile.PublicMode, CancellationToken.None).GetAwaiter().GetResult(),
            () => AtomicFile.WriteLink(file, "target"),
            () => Directory.CreateDirectory(file),
            () => Posix.CreateWithoutLock(file)!.Dispose(),
        ])
        {
            Problem problem = ProblemOf(AsOrdinaryUser(refused));
            Assert.AreEqual("LAVA9004", problem.Code);
            Assert.Contains($"'{file}", problem.Text);
        }

        File.SetUnixFileMode(path, (UnixFileMode)0b111_000_000);
    }

    [TestMethod]
    public async Task A_full_disk_is_told_and_leaves_what_was_there()
    {
        await using MountedDirectory disk = await MountedDirectory.MakeAsync("size=64k");
        string path = Path.Combine(disk.Path, "file");
        await AtomicFile.WriteAsync(path, "old", AtomicFile.PublicMode, CancellationToken.None);
        IOException failure = await Assert.ThrowsAsync<IOException>(
            () => AtomicFile.WriteAsync(path, new byte[1_000_000], AtomicFile.PublicMode, CancellationToken.None));
        Problem problem = ProblemOf(failure);
        Assert.AreEqual("LAVA9003", problem.Code);
        Assert.Contains(path, problem.Text);
        Assert.AreEqual("old", await File.ReadAllTextAsync(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(disk.Path));
    }

    [TestMethod]
    [DataRow(5, true, DisplayName = "EIO")]
    [DataRow(21, true, DisplayName = "EISDIR")]
    [DataRow(40, true, DisplayName = "ELOOP")]
    [DataRow(117, true, DisplayName = "EUCLEAN")]
    [DataRow(4, false, DisplayName = "EINTR")]
    [DataRow(12, false, DisplayName = "ENOMEM")]
    [DataRow(23, false, DisplayName = "ENFILE")]
    [DataRow(24, false, DisplayName = "EMFILE")]
    public void A_lack_of_this_process_or_host_is_no_damage_of_what_it_reads(int error, bool damage)
    {
        Exception failure = Posix.Failure(error, "/cache/archive");
        Assert.AreEqual(damage, FileSystemProblem.IsDamage(failure));
    }

    [TestMethod]
    public async Task A_read_only_file_system_is_told()
    {
        await using MountedDirectory disk = await MountedDirectory.MakeAsync("ro");
        string path = Path.Combine(disk.Path, "file");
        foreach (Action refused in (Action[])
        [
            () => File.WriteAllText(path, ""),
            () => AtomicFile.WriteAsync(path, "", AtomicFile.PublicMode, CancellationToken.None).GetAwaiter().GetResult(),
            () => AtomicFile.WriteLink(path, "target"),
            () => Directory.CreateDirectory(path),
            () => Posix.CreateWithoutLock(path)!.Dispose(),
        ])
        {
            Problem problem = ProblemOf(Assert.Throws<IOException>(refused));
            Assert.AreEqual("LAVA9005", problem.Code);
            Assert.Contains(path, problem.Text);
        }
    }

    [TestMethod]
    public void Paths_that_are_too_long_are_told()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, new string('x', 300));
        foreach (Action refused in (Action[])[() => File.WriteAllText(path, ""), () => Directory.CreateDirectory(path), () => Posix.SymbolicLink("a", path)])
        {
            Problem problem = ProblemOf(Assert.Throws<IOException>(refused));
            Assert.AreEqual("LAVA9006", problem.Code);
            Assert.Contains(path, problem.Text);
        }
    }

    [TestMethod]
    public void Anything_else_is_told_in_the_systems_own_words()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "no", "file");
        foreach (Action refused in (Action[])[() => File.ReadAllText(path), () => Posix.Unlink(path), () => Posix.Rename(path, path)])
        {
            Problem problem = ProblemOf(Assert.Throws<IOException>(refused));
            Assert.AreEqual("LAVA9007", problem.Code);
            Assert.Contains($"'{path}' could not be read or written", problem.Text);
        }
    }

    /// <summary>Those that need a quota, or another file system, to meet with for real.</summary>
    [TestMethod]
    [DataRow(Posix.ENOSPC, "LAVA9003", "cannot be written: its file system has no room or no inode left (see df -h and df -i). Free some,")]
    [DataRow(Posix.EDQUOT, "LAVA9003", "cannot be written: the quota there is used up (see quota). Free some,")]
    [DataRow(Posix.EACCES, "LAVA9004", "cannot be read or changed: permission denied. Work as its owner,")]
    [DataRow(Posix.EPERM, "LAVA9004", "cannot be read or changed: permission denied. Work as its owner,")]
    [DataRow(Posix.EROFS, "LAVA9005", "cannot be written: its file system is mounted read-only. Mount it for writing,")]
    [DataRow(Posix.ENAMETOOLONG, "LAVA9006", "is too long for its file system, which holds 255 bytes a name and 4,095 a path. Use a shorter")]
    public void What_each_error_number_says_is_told_with_its_cure(int error, string code, string words)
    {
        // As this project's own calls say it, and as those of .NET do.
        foreach (IOException failure in (IOException[])[Posix.Failure(error, "/cache/a b: c"), new($"Something : '/cache/a b: c'", error)])
        {
            Problem problem = ProblemOf(failure);
            Assert.AreEqual(code, problem.Code);
            Assert.Contains($"'/cache/a b: c' {words}", problem.Text);
        }
    }

    [TestMethod]
    public void The_first_of_several_failures_is_told()
    {
        AggregateException failure = new(new UnauthorizedAccessException("Access to the path '/a' is denied."), new IOException("other"));
        Assert.AreEqual("LAVA9004", FileSystemProblem.From(failure)!.Code);
    }

    [TestMethod]
    public void What_is_none_of_the_file_systems_is_no_problem_of_it()
    {
        Assert.IsNull(FileSystemProblem.From(new InvalidOperationException("a defect")));
        Assert.IsNull(FileSystemProblem.From(new AggregateException(new InvalidOperationException("a defect"))));
    }

    private static Problem ProblemOf(Exception failure) => FileSystemProblem.From(failure) ?? throw new AssertFailedException($"{failure}");

    // For root no directory is forbidden. Linux keeps the user that files are opened as for each thread.
    private static Exception AsOrdinaryUser(Action refused)
    {
        Exception? thrown = null;
        Thread thread = new(() =>
        {
            if (IsRoot)
            {
                _ = setfsgid(Nobody);
                _ = setfsuid(Nobody);
            }

            try
            {
                refused();
            }
            catch (Exception failure)
            {
                thrown = failure;
            }
        });
        thread.Start();
        thread.Join();
        return thrown ?? throw new AssertFailedException("It was allowed.");
    }

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);

    [LibraryImport("libc")]
    private static partial int setfsgid(uint group);

    /// <summary>A small file system in memory, where the user may mount one.</summary>
    private sealed class MountedDirectory : IAsyncDisposable
    {
        private readonly TemporaryDirectory _directory = new();

        public string Path => _directory.Path;

        public static async Task<MountedDirectory> MakeAsync(string options)
        {
            MountedDirectory made = new();
            Ran ran = IsRoot
                ? await Run.ProgramAsync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", made.Path])
                : new Ran(1, "", "only root may mount");
            if (ran.ExitCode != 0)
            {
                made._directory.Dispose();
                Assert.Inconclusive($"A small file system cannot be mounted here: {ran.Error}");
            }

            return made;
        }

        public async ValueTask DisposeAsync()
        {
            await Run.OutputAsync("umount", [Path]);
            _directory.Dispose();
        }
    }
}
