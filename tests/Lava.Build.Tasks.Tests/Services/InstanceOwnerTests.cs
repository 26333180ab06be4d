using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Tests.Services.Systemd;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services;

/// <summary>Whom programs run as where root starts them.</summary>
[TestClass]
public sealed class InstanceOwnerTests
{
    private const uint Daemon = 1;

    [TestMethod]
    public async Task Whoever_the_host_knows_is_found_with_ids_and_home()
    {
        Assert.AreEqual(new RunAs(0, 0, "root", "/root"), SystemUser.Find("root"));
        string[] daemon = (await Run.OutputAsync("getent", ["passwd", "daemon"])).Trim().Split(':');
        Assert.AreEqual(new RunAs(uint.Parse(daemon[2]), uint.Parse(daemon[3]), "daemon", daemon[5]), SystemUser.Find("daemon"));
        Assert.AreEqual("daemon", Posix.NameOfUser(Daemon));
        Assert.AreEqual("4000000000", Posix.NameOfUser(4_000_000_000));
        Assert.IsNull(SystemUser.Find("no-such-user"));
        Assert.IsNull(SystemUser.Find(""));
    }

    [TestMethod]
    public async Task The_default_user_is_made_once_and_owns_what_services_write_and_read()
    {
        NeedRoot();
        string instance = $"t{Guid.NewGuid():N}"[..20];
        using UnitBench bench = new();
        File.WriteAllText(bench["var", "data"], "");
        try
        {
            RecordingLog log = new();
            RunAs user = (await InstanceOwner.PrepareAsync(bench.Layout, Services(instance, $"lava-{instance}"), log, CancellationToken.None))!;
            Assert.AreEqual($"lava-{instance}", user.Name);
            Assert.AreEqual(bench["var"], user.Home);
            Assert.Contains($"Made the system user lava-{instance}, which runs the instance {instance}", log.Lines);
            string entry = await Run.OutputAsync("getent", ["passwd", user.Name]);
            Assert.EndsWith(":/usr/sbin/nologin\n", entry);
            Assert.IsLessThan(1000u, user.Uid);
            Assert.AreEqual(user.Uid, FileStatus.Of(bench["var", "data"])!.Value.Owner);

            log = new();
            Assert.AreEqual(user, await InstanceOwner.PrepareAsync(bench.Layout, Services(instance, user.Name), log, CancellationToken.None));
            Assert.IsEmpty(log.Lines);
        }
        finally
        {
            await Run.ProgramAsync("userdel", [$"lava-{instance}"], new Dictionary<string, string?> { ["PATH"] = "/usr/sbin:/usr/bin:/bin" });
        }
    }

    [TestMethod]
    public async Task A_given_user_that_is_missing_is_an_error_and_is_not_made()
    {
        NeedRoot();
        using UnitBench bench = new();
        Assert.AreEqual("LAVA5070", (await FailAsync(bench, "no-such-user")).Code);
        Assert.IsNull(SystemUser.Find("no-such-user"));
        ServiceDescription service = new() { Name = "web", Command = "web", User = "no-such-user" };
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => InstanceOwner.PrepareAsync(
            bench.Layout, Services("i", "daemon") with { Services = [service] }, new RecordingLog(), CancellationToken.None));
        Assert.Contains("LavaService 'web'", failure.Problems.Single().Text);
    }

    [TestMethod]
    public async Task A_name_that_no_user_can_have_is_an_error_that_says_what_to_do()
    {
        NeedRoot();
        using UnitBench bench = new();
        const string instance = "a-name-that-is-longer-than-what-a-user-can-have";
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => InstanceOwner.PrepareAsync(
            bench.Layout, Services(instance, $"lava-{instance}"), new RecordingLog(), CancellationToken.None));
        Assert.AreEqual("LAVA5071", failure.Problems.Single().Code);
        Assert.Contains("longer than 32 characters", failure.Message);
        Assert.Contains("LavaUser", failure.Message);
    }

    [TestMethod]
    public async Task Data_and_what_is_private_in_etc_is_given_and_nothing_else()
    {
        NeedRoot();
        using UnitBench bench = new();
        Make(bench["etc", "public"], "0644");
        Make(bench["etc", "group"], "0640");
        Make(bench["etc", "secrets", "key"], "0600");
        Make(bench["var", "a", "b", "data"], "0600");
        Make(bench["var", "theirs"], "0600");
        await Run.OutputAsync("chown", ["games:games", bench["var", "theirs"]]);
        Make(bench["code", "1", "file"], "0644");
        RunAs user = (await PrepareAsync(bench, "daemon", new RecordingLog()))!;
        string[] given = ["run", "tmp", "var", "var/a", "var/a/b", "var/a/b/data", "etc/group", "etc/secrets/key"];
        string[] kept = [".", "code", "code/1", "code/1/file", "etc", "etc/public", "etc/secrets"];
        Assert.AreEqual("", string.Join(' ', given.Where(path => OwnerOf(bench[path]) != user.Uid)));
        Assert.AreEqual("", string.Join(' ', kept.Where(path => OwnerOf(bench[path]) != 0)));
        Assert.AreNotEqual(user.Uid, OwnerOf(bench["var", "theirs"]));

        // A private directory has to be passed, too.
        File.SetUnixFileMode(bench["etc", "secrets"], (UnixFileMode)0b111_000_000);
        await PrepareAsync(bench, "daemon", new RecordingLog());
        Assert.AreEqual(user.Uid, OwnerOf(bench["etc", "secrets"]));
        Assert.AreEqual("daemon:daemon\n", await Run.OutputAsync("stat", ["-c", "%U:%G", bench["etc", "secrets", "key"]]));
    }

    [TestMethod]
    public async Task No_link_is_followed_and_no_file_with_other_names_is_given()
    {
        NeedRoot();
        using UnitBench bench = new();
        using TemporaryDirectory elsewhere = new();
        Make(Path.Combine(elsewhere.Path, "secret"), "0600");
        Make(Path.Combine(elsewhere.Path, "other"), "0600");
        File.CreateSymbolicLink(bench["var", "link"], Path.Combine(elsewhere.Path, "secret"));
        Directory.CreateSymbolicLink(bench["var", "directory"], elsewhere.Path);
        using OpenedDirectory from = OpenedDirectory.Open(elsewhere.Path);
        using OpenedDirectory to = OpenedDirectory.Open(bench["var"]);
        Assert.AreEqual(0, from.TryHardLink("other", to, "other"));
        Directory.Delete(bench["tmp"]);
        Directory.CreateSymbolicLink(bench["tmp"], elsewhere.Path);
        File.SetUnixFileMode(elsewhere.Path, (UnixFileMode)0b111_111_111);
        RecordingLog log = new();
        await PrepareAsync(bench, "daemon", log);
        Assert.AreEqual(0u, OwnerOf(elsewhere.Path));
        Assert.AreEqual(0u, OwnerOf(Path.Combine(elsewhere.Path, "secret")));
        Assert.AreEqual(0u, OwnerOf(Path.Combine(elsewhere.Path, "other")));
        Problem warning = log.Warnings.Single();
        Assert.AreEqual("LAVA5074", warning.Code);
        Assert.Contains(bench["var", "other"], warning.Text);
    }

    [TestMethod]
    public async Task What_root_makes_in_a_directory_that_was_given_stays_roots()
    {
        NeedRoot();
        using UnitBench bench = new();
        Make(bench["var", "a", "b"], "0600");
        RunAs user = (await PrepareAsync(bench, "daemon", new RecordingLog()))!;
        Make(bench["tmp", "job"], "0600");
        Make(bench["var", "dispatcher", "job", "file"], "0600");
        Make(bench["var", "a", "new"], "0600");
        RecordingLog log = new();
        await PrepareAsync(bench, "daemon", log);
        Assert.IsEmpty(log.Lines);
        string[] kept = ["tmp/job", "var/dispatcher", "var/dispatcher/job/file", "var/a/new"];
        Assert.AreEqual("", string.Join(' ', kept.Where(path => OwnerOf(bench[path]) != 0)));

        // As a gift leaves it that was killed.
        Posix.SetOwner(bench["var"], 0, 0);
        await PrepareAsync(bench, "daemon", log);
        Assert.AreEqual("", string.Join(' ', kept[1..3].Append("var").Where(path => OwnerOf(bench[path]) != user.Uid)));
    }

    [TestMethod]
    public async Task What_is_mounted_below_is_not_given_and_that_is_told()
    {
        NeedRoot();
        using UnitBench bench = new();
        Make(bench["var", "disk", "file"], "0600");
        await Run.OutputAsync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=0755", "other", bench["var", "disk"]]);
        try
        {
            Make(bench["var", "disk", "file"], "0600");
            RecordingLog log = new();
            await PrepareAsync(bench, "daemon", log);
            Assert.AreEqual(0u, OwnerOf(bench["var", "disk"]));
            Assert.AreEqual(0u, OwnerOf(bench["var", "disk", "file"]));
            Assert.AreEqual("LAVA5074", log.Warnings.Single().Code);
            Assert.Contains(bench["var", "disk"], log.Warnings.Single().Text);
        }
        finally
        {
            await Run.OutputAsync("umount", [bench["var", "disk"]]);
        }
    }

    [TestMethod]
    public async Task Configuration_is_never_given_whole_and_must_be_open_to_the_user()
    {
        NeedRoot();
        using UnitBench bench = new();
        File.SetUnixFileMode(bench["etc"], (UnixFileMode)0b111_101_000);
        Problem problem = await FailAsync(bench, "daemon");
        Assert.AreEqual("LAVA5072", problem.Code);
        Assert.Contains($"'{bench["etc"]}'", problem.Text);
        Assert.AreEqual(0u, OwnerOf(bench["etc"]));
    }

    [TestMethod]
    public async Task The_first_directory_that_the_user_cannot_pass_is_named()
    {
        NeedRoot();
        using UnitBench bench = new("outer/closed/inner/instance");
        string closed = Path.GetDirectoryName(Path.GetDirectoryName(bench.Root)!)!;
        File.SetUnixFileMode(closed, (UnixFileMode)0b111_000_000);
        Problem problem = await FailAsync(bench, "daemon");
        Assert.AreEqual("LAVA5072", problem.Code);
        Assert.Contains($"'{closed}'", problem.Text);
        await Run.OutputAsync("chgrp", ["daemon", closed]);
        File.SetUnixFileMode(closed, (UnixFileMode)0b111_001_000);
        Assert.IsNotNull(await PrepareAsync(bench, "daemon", new RecordingLog()));
    }

    [TestMethod]
    public async Task An_instance_of_another_user_is_not_taken_away()
    {
        NeedRoot();
        using UnitBench bench = new();
        await Run.OutputAsync("chown", ["--recursive", "games", bench["var"]]);
        Problem problem = await FailAsync(bench, "daemon");
        Assert.AreEqual("LAVA5073", problem.Code);
        Assert.Contains($"'{bench["var"]}' belongs to games", problem.Text);
        await Run.OutputAsync("chown", ["--recursive", "games", bench.Root]);
        Assert.AreEqual("games", (await PrepareAsync(bench, "games", new RecordingLog()))!.Name);
    }

    private static void NeedRoot()
    {
        if (Posix.EffectiveUser() != 0)
        {
            Assert.Inconclusive("Only root can give files away and make users.");
        }
    }

    private static void Make(string path, string mode)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "");
        File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32(mode, 8));
    }

    private static uint OwnerOf(string path) => FileStatus.Of(path)!.Value.Owner;

    private static InstanceServices Services(string instance, string user) => new() { Instance = instance, User = user };

    private static Task<RunAs?> PrepareAsync(UnitBench bench, string user, RecordingLog log) =>
        InstanceOwner.PrepareAsync(bench.Layout, Services("i", user), log, CancellationToken.None);

    private static async Task<Problem> FailAsync(UnitBench bench, string user) =>
        (await Assert.ThrowsExactlyAsync<LavaException>(() => PrepareAsync(bench, user, new RecordingLog()))).Problems.Single();
}
