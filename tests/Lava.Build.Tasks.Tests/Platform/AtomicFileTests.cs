using System.Globalization;
using Lava.Build.Platform;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class AtomicFileTests
{
    [TestMethod]
    [DataRow("0600")]
    [DataRow("0644")]
    [DataRow("0666")]
    [DataRow("0777")]
    [DataRow("0400")]
    public async Task A_file_has_the_mode_that_is_meant_whatever_the_umask(string octal)
    {
        // 0666 and 0777 are modes that no usual umask leaves as they are.
        using TemporaryDirectory directory = new();
        UnixFileMode mode = (UnixFileMode)Convert.ToInt32(octal, 8);
        string path = Path.Combine(directory.Path, "file");
        await AtomicFile.WriteAsync(path, "one", mode, CancellationToken.None);
        Assert.AreEqual(mode, File.GetUnixFileMode(path));
        await AtomicFile.WriteAsync(path, "two", mode, CancellationToken.None);
        Assert.AreEqual("two", await File.ReadAllTextAsync(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(directory.Path));
    }

    [TestMethod]
    public async Task Text_is_UTF8_without_a_mark_and_bytes_are_as_given()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "it's a \"file\"\n");
        await AtomicFile.WriteAsync(path, "é\r\n", AtomicFile.PublicMode, CancellationToken.None);
        CollectionAssert.AreEqual(new byte[] { 0xC3, 0xA9, 13, 10 }, await File.ReadAllBytesAsync(path));
        await AtomicFile.WriteAsync(path, ReadOnlyMemory<byte>.Empty, AtomicFile.PublicMode, CancellationToken.None);
        Assert.IsEmpty(await File.ReadAllBytesAsync(path));
    }

    [TestMethod]
    public async Task A_reader_sees_one_text_or_the_other_and_never_a_part()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "file");
        string[] texts = [new string('a', 300_000), new string('b', 200_000)];
        await AtomicFile.WriteAsync(path, texts[0], AtomicFile.PublicMode, CancellationToken.None);
        using CancellationTokenSource stop = new();
        TaskCompletionSource reading = new();

        // A thread of its own: the pool may have none to spare while other tests run.
        Task reader = Task.Factory.StartNew(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Assert.Contains(File.ReadAllText(path), texts);
                    reading.TrySetResult();
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await Task.WhenAny(reading.Task, reader);
        for (int i = 0; i < 40; i++)
        {
            await AtomicFile.WriteAsync(path, texts[i % 2], AtomicFile.PublicMode, CancellationToken.None);
        }

        await stop.CancelAsync();
        await reader;
    }

    [TestMethod]
    public async Task A_link_in_the_place_is_replaced_and_not_followed()
    {
        using TemporaryDirectory directory = new();
        string other = Path.Combine(directory.Path, "other");
        string path = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(other, "untouched");
        File.CreateSymbolicLink(path, other);
        await AtomicFile.WriteAsync(path, "new", AtomicFile.PublicMode, CancellationToken.None);
        Assert.AreEqual("untouched", await File.ReadAllTextAsync(other));
        Assert.IsNull(new FileInfo(path).LinkTarget);
    }

    [TestMethod]
    public async Task A_failure_leaves_what_was_there_and_nothing_else()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "occupied");
        Directory.CreateDirectory(Path.Combine(path, "by a directory"));
        await Assert.ThrowsAsync<IOException>(() => AtomicFile.WriteAsync(path, "text", AtomicFile.PublicMode, CancellationToken.None));
        Assert.ThrowsExactly<IOException>(() => AtomicFile.WriteLink(path, "target"));
        Assert.AreEqual(path, Directory.GetFileSystemEntries(directory.Path).Single());
        await Assert.ThrowsAsync<IOException>(
            () => AtomicFile.WriteAsync(Path.Combine(directory.Path, "no", "file"), "text", AtomicFile.PublicMode, CancellationToken.None));
    }

    [TestMethod]
    public async Task A_cancelled_write_leaves_what_was_there_and_nothing_else()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "file");
        await File.WriteAllTextAsync(path, "old");
        await Assert.ThrowsAsync<OperationCanceledException>(
            () => AtomicFile.WriteAsync(path, "new", AtomicFile.PublicMode, new CancellationToken(canceled: true)));
        Assert.AreEqual("old", await File.ReadAllTextAsync(path));
        Assert.HasCount(1, Directory.GetFileSystemEntries(directory.Path));
    }

    [TestMethod]
    [DataRow(null, "file", "link", "other", ".new")]
    [DataRow("file", "file")]
    public async Task What_killed_writes_left_is_deleted_and_nothing_else(string? name, params string[] deleted)
    {
        using TemporaryDirectory directory = new();
        string[] written = ["file", "link", "other", "busy"];
        Directory.CreateSymbolicLink(Leftover("link"), "/tmp");
        foreach (string file in written.Except(["link"]))
        {
            await File.WriteAllTextAsync(Leftover(file), "half");
            File.SetLastWriteTimeUtc(Leftover(file), DateTime.UnixEpoch);
        }

        string[] kept = ["file", "file.tmp", $"file.{new string('x', 32)}.tmp", $".{Guid.NewGuid():N}.tmp"];
        foreach (string file in kept)
        {
            await File.WriteAllTextAsync(Path.Combine(directory.Path, file), "an admin's");
        }

        foreach (string made in (string[])["directory", ".new"])
        {
            Directory.CreateDirectory(Leftover(made));
        }

        using (FileStream writing = File.Open(Leftover("busy"), FileMode.Open, FileAccess.Write, FileShare.None))
        {
            AtomicFile.DeleteLeftovers(directory.Path, name);
        }

        CollectionAssert.AreEquivalent(
            (string[])[.. kept, .. written.Append(".new").Except(deleted).Append("directory").Select(each => Path.GetFileName(Leftover(each)))],
            Directory.GetFileSystemEntries(directory.Path).Select(Path.GetFileName).ToArray());

        string Leftover(string file) => Path.Combine(directory.Path, $"{file}.{new string('a', 32)}.tmp");
    }

    [TestMethod]
    public async Task A_pipe_in_the_place_of_what_was_left_stays_and_keeps_nobody_waiting()
    {
        using TemporaryDirectory directory = new();
        string pipe = Path.Combine(directory.Path, $"file.{new string('a', 32)}.tmp");
        await Run.OutputAsync("sh", ["-ec", "mkfifo \"$1\"; touch -d 2020-01-01 \"$1\"", "sh", pipe]);
        AtomicFile.DeleteLeftovers(directory.Path);
        Assert.IsTrue(File.Exists(pipe));
    }

    [TestMethod]
    public async Task Nobody_deletes_a_file_that_is_being_written()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "file");
        using CancellationTokenSource stop = new();
        Task sweeper = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                AtomicFile.DeleteLeftovers(directory.Path);
            }
        });
        for (int i = 0; i < 200; i++)
        {
            await AtomicFile.WriteAsync(path, $"{i}", AtomicFile.PublicMode, CancellationToken.None);
        }

        await stop.CancelAsync();
        await sweeper;
        Assert.AreEqual("199", await File.ReadAllTextAsync(path));
    }

    [TestMethod]
    public void A_link_is_replaced_by_another_with_exactly_its_text()
    {
        using TemporaryDirectory directory = new();
        string path = Path.Combine(directory.Path, "link");
        foreach (string text in (string[])["a", "../b c/d'", ".", "/no/such", "a//b/"])
        {
            AtomicFile.WriteLink(path, text);
            Assert.AreEqual(text, new FileInfo(path).LinkTarget, string.Create(CultureInfo.InvariantCulture, $"{text.Length}"));
        }

        Assert.HasCount(1, Directory.GetFileSystemEntries(directory.Path));
    }
}
