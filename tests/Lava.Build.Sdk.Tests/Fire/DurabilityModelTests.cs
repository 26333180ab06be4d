namespace Lava.Build.Sdk.Tests.Fire;

[TestClass]
public sealed class DurabilityModelTests
{
    private const string Good = """
        7  mkdir("/i/.staging-1", 0777) = 0
        7  openat(AT_FDCWD</i>, ".staging-1/file", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0644) = 5</i/.staging-1/file>
        7  pwrite64(5</i/.staging-1/file>, ""..., 3, 0) = 3
        7  symlink("file", "/i/.staging-1/link") = 0
        7  openat(AT_FDCWD</>, "/i/.staging-1", O_RDONLY|O_CLOEXEC) = 6</i/.staging-1>
        7  syncfs(6</i/.staging-1>) = 0
        7  rename("/i/.staging-1", "/i/release") = 0
        7  fsync(6</i>) = 0
        7  symlink("release", "/i/current.tmp") = 0
        7  rename("/i/current.tmp", "/i/current") = 0
        7  fsync(6</i>) = 0
        """;

    [TestMethod]
    public void The_right_order_is_no_violation()
    {
        DurabilityModel model = Model();
        Assert.IsEmpty(model.Check(Parse(Good)));
        Assert.AreEqual(2, model.Publications);
    }

    [TestMethod]
    [DataRow("syncfs", "release became visible before the content of /i/.staging-1/file", "names in /i/.staging-1")]
    [DataRow("fsync(6</i>) = 0\n7  symlink", "current became visible before a name in /i was durable")]
    [DataRow("rename(\"/i/current.tmp\", \"/i/current\") = 0\n7  fsync", "end: a name in /i is not durable")]
    public void A_missing_sync_is_found(string call, params string[] expected)
    {
        int sync = Good.IndexOf(call, StringComparison.Ordinal);
        sync = call.StartsWith("rename", StringComparison.Ordinal) ? Good.LastIndexOf("7  fsync", StringComparison.Ordinal) : sync - 3;
        int end = Good.IndexOf('\n', sync) is >= 0 and int found ? found + 1 : Good.Length;
        string violations = string.Join('\n', Model().Check(Parse(Good.Remove(sync, end - sync))));
        foreach (string words in expected)
        {
            StringAssert.Contains(violations, words, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_write_after_the_sync_is_found()
    {
        string late = Good.Replace("rename(\"/i/.staging-1\"", "write(5</i/.staging-1/file>, \"\"..., 1) = 1\n7  rename(\"/i/.staging-1\"", StringComparison.Ordinal);
        StringAssert.Contains(Model().Check(Parse(late))[0], "before the content of /i/.staging-1/file", StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_write_that_overlaps_the_sync_is_not_covered_by_it()
    {
        string overlapping = Good.Replace(
            "7  syncfs(6</i/.staging-1>) = 0",
            "7  syncfs(6</i/.staging-1> <unfinished ...>\n8  pwrite64(5</i/.staging-1/file>, \"\"..., 3, 0) = 3\n7  <... syncfs resumed>) = 0",
            StringComparison.Ordinal);
        StringAssert.Contains(Model().Check(Parse(overlapping))[0], "before the content of /i/.staging-1/file", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("write(5</i/release/file>, \"\"..., 1) = 1", "written in place")]
    [DataRow("openat(AT_FDCWD</i>, \"release/new\", O_RDWR|O_CREAT, 0644) = 5</i/release/new>", "made in place")]
    [DataRow("symlink(\"release\", \"/i/other\") = 0", "linked in place")]
    [DataRow("ioctl(5</i/release/file>, BTRFS_IOC_CLONE or FICLONE, 4</i/a>) = 0", "written in place")]
    [DataRow("linkat(AT_FDCWD</i>, \"a\", AT_FDCWD</i>, \"b\", 0) = 0", "/i/b was linked in place")]
    public void What_is_changed_in_place_is_found(string call, string expected) =>
        StringAssert.Contains(Model().Check(Parse($"{Good}\n7  {call}"))[0], expected, StringComparison.Ordinal);

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void What_takes_the_place_of_something_must_be_durable_and_what_made_way_need_not(bool freshFirst)
    {
        string exchange = Good.Replace("rename(\"/i/.staging-1\", \"/i/release\") = 0", Exchange(freshFirst), StringComparison.Ordinal)
            .Replace("symlink(\"release\"", "unlink(\"/i/.staging-1/file\") = 0\n7  rmdir(\"/i/.staging-1\") = 0\n7  symlink(\"release\"", StringComparison.Ordinal);
        DurabilityModel right = Model();
        Assert.IsEmpty(right.Check(Parse(exchange)));
        Assert.AreEqual(2, right.Publications);
        Assert.AreEqual(1, right.Exchanges);

        string early = exchange.Replace("7  syncfs(6</i/.staging-1>) = 0\n", "", StringComparison.Ordinal);
        StringAssert.Contains(
            string.Join('\n', Model().Check(Parse(early))), "release became visible before the content of /i/.staging-1/file", StringComparison.Ordinal);
        StringAssert.Contains(string.Join('\n', Model().Check(Parse(early))), "the names in /i/.staging-1", StringComparison.Ordinal);

        string lost = $"{Good}\n7  {Exchange(freshFirst)}";
        StringAssert.Contains(Model().Check(Parse(lost)).Single(), "end: a name in /i is not durable", StringComparison.Ordinal);

        string dependent = $"{Good}\n7  symlink(\"release\", \"/i/other.tmp\") = 0\n7  rename(\"/i/other.tmp\", \"/i/other\") = 0\n7  {Exchange(freshFirst, "current")}";
        StringAssert.Contains(Model().Check(Parse(dependent))[0], "current became visible before a name in /i was durable", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("syncfs(6</disk/cache>) = 0", false)]
    [DataRow("syncfs(6</i>) = 0", true)]
    [DataRow("sync() = 0", true)]
    public void One_file_system_may_be_synced_and_another_not(string call, bool covers)
    {
        IReadOnlyList<string> violations = Model().Check(Parse(Good.Replace("syncfs(6</i/.staging-1>) = 0", call, StringComparison.Ordinal)));
        Assert.AreEqual(covers, violations.Count == 0, string.Join('\n', violations));
        if (!covers)
        {
            StringAssert.Contains(violations[0], "release became visible before the content of /i/.staging-1/file", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public void A_file_synced_by_itself_may_be_renamed_and_calls_that_failed_did_nothing() => Assert.IsEmpty(Model().Check(Parse("""
        7  openat(AT_FDCWD</>, "/i/a.tmp", O_WRONLY|O_CREAT, 0600) = 5</i/a.tmp>
        7  write(5</i/a.tmp>, ""..., 3) = 3
        7  fchmod(5</i/a.tmp>, 0644) = 0
        7  fsync(5</i/a.tmp>) = 0
        7  rename("/i/a.tmp", "/i/a") = 0
        7  openat(AT_FDCWD</>, "/i/b", O_WRONLY|O_CREAT, 0600) = -1 EACCES (Permission denied)
        7  write(1<pipe:[3]>, ""..., 3) = 3
        7  +++ exited with 0 +++
        7  fsync(6</i>) = 0
        """)));

    [TestMethod]
    public void A_directory_with_nothing_in_it_may_be_renamed_and_one_with_something_may_not()
    {
        const string Make = """
            7  mkdir("/i/a.tmp", 0700) = 0
            7  chmod("/i/a.tmp", 0755) = 0
            """;
        const string Rename = """
            7  rename("/i/a.tmp", "/i/a") = 0
            7  fsync(6</i>) = 0
            """;
        Assert.IsEmpty(Model().Check(Parse($"{Make}\n{Rename}")));
        string filled = $"{Make}\n7  symlink(\"b\", \"/i/a.tmp/link\") = 0\n{Rename}";
        StringAssert.Contains(string.Join('\n', Model().Check(Parse(filled))), "before the content of /i/a.tmp", StringComparison.Ordinal);
    }

    private static string Exchange(bool freshFirst, string name = "release") => freshFirst
        ? $"renameat2(AT_FDCWD</>, \"/i/.staging-1\", AT_FDCWD</>, \"/i/{name}\", RENAME_EXCHANGE) = 0"
        : $"renameat2(AT_FDCWD</>, \"/i/{name}\", AT_FDCWD</>, \"/i/.staging-1\", RENAME_EXCHANGE) = 0";

    private static DurabilityModel Model() => new(
        path => path.StartsWith("/i", StringComparison.Ordinal),
        path => path.Contains(".staging-", StringComparison.Ordinal) || path.EndsWith(".tmp", StringComparison.Ordinal),
        path => path == "/i/current",
        path => path == "/disk" || path.StartsWith("/disk/", StringComparison.Ordinal) ? "/disk" : "/");

    private static IReadOnlyList<TraceEvent> Parse(string text) => StraceParser.Parse(text.Split('\n').Select(line => line.Trim()));
}
