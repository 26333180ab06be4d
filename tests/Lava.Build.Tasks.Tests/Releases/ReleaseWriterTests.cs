using Lava.Build.Cache;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Releases;
using Lava.Build.Tests.Shells;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Releases;

/// <summary>From archives to releases on disk.</summary>
[TestClass]
public sealed class ReleaseWriterTests
{
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);

    [TestMethod]
    public async Task A_release_stands_whole_with_its_records_and_nothing_else_was_left()
    {
        using ReleaseBench bench = new();
        TreeRequest a = await bench.Cache.AddAsync("a", "usr/bin/run*=#!/bin/sh\necho run\n", "usr/share/a=words");
        TreeRequest b = await bench.Cache.AddAsync("b", "usr/share/b=more", "usr/share/l->a");
        string name = await bench.AssembleAsync(a, b);
        CollectionAssert.AreEqual(new[] { name, ".store" }.Order(StringComparer.Ordinal).ToArray(), bench.InCode());
        string release = bench.Layout.Release(name);
        Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(release, "usr/share/l")));
        Assert.AreEqual("run\n", await Run.OutputAsync(Path.Combine(release, "bin/run"), []));
        Assert.AreEqual("a == 1.0\nb == 1.0\n", await File.ReadAllTextAsync(Path.Combine(release, "manifest.txt")));
        string record = await File.ReadAllTextAsync(Path.Combine(release, "release.json"));
        Assert.Contains("bin/activate", record);
        Assert.DoesNotContain("manifest.txt", record);
        Assert.DoesNotContain(bench.Layout.Root, record);
        Assert.IsFalse(Path.Exists(bench.Layout.Current));
        foreach (string file in (string[])["release.json", "manifest.txt", "bin/activate"])
        {
            Assert.AreEqual(TreeModes.File, File.GetUnixFileMode(Path.Combine(release, file)), file);
        }

        Assert.AreEqual(TreeModes.Program, File.GetUnixFileMode(Path.Combine(release, "bin/run")));
        Assert.IsEmpty(bench.Log.Warnings);
    }

    [TestMethod]
    public async Task The_same_description_gives_the_same_bytes_in_another_instance()
    {
        using ReleaseBench one = new() { Python = await Pythons.HostAsync() };
        using ReleaseBench two = new() { Python = one.Python };
        string[] records = [.. await Task.WhenAll(new[] { one, two }.Select(async bench =>
        {
            TreeRequest request = await bench.Cache.AddAsync("a", "usr/lib/python3/dist-packages/m.py=x = 1\n");
            string name = await bench.AssembleAsync(request);
            return await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(name), "release.json"));
        }))];
        Assert.AreEqual(records[0], records[1]);
    }

    [TestMethod]
    public async Task A_release_that_stands_is_not_touched_again()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string name = await bench.AssembleAsync(request);
        string added = Path.Combine(bench.Layout.Release(name), "added");
        await File.WriteAllTextAsync(added, "");
        Assert.AreEqual(name, await bench.AssembleAsync(request));
        Assert.IsTrue(File.Exists(added));
    }

    [TestMethod]
    public async Task Another_version_stands_beside_the_first()
    {
        using ReleaseBench bench = new();
        string first = await bench.AssembleAsync(await bench.Cache.AddAsync("a", "usr/share/a=one"));
        string second = await bench.AssembleAsync(await bench.Cache.AddAsync("a", "usr/share/a=two"));
        Assert.AreNotEqual(first, second);
        Assert.AreEqual("one", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(first), "usr/share/a")));
        Assert.AreEqual("two", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(second), "usr/share/a")));
        Assert.HasCount(2, bench.InStore());
    }

    [TestMethod]
    public async Task The_commands_of_a_release_run_in_its_environment_in_order()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/bin/tool*=#!/bin/sh\necho \"tool $*\"\n");
        ReleaseDescription description = Describe(
            bench,
            request,
            ("first", "tool one; echo \"$LAVA_INSTANCE\" > instance; pwd -P > here; echo \"$VIRTUAL_ENV\" > venv; test -d \"$LAVA_INSTANCE/var\""),
            ("second", "test -f instance && echo \"$GREETING\" >&2"));
        string name = await bench.AssembleAsync(description, [request]);
        string release = bench.Layout.Release(name);
        Assert.AreEqual(bench.Layout.Root, (await File.ReadAllTextAsync(Path.Combine(release, "instance"))).Trim());
        string staging = (await File.ReadAllTextAsync(Path.Combine(release, "here"))).Trim();
        Assert.AreEqual(staging, (await File.ReadAllTextAsync(Path.Combine(release, "venv"))).Trim());
        Assert.StartsWith(Path.Combine(bench.Layout.Code, ".staging-"), staging);
        CollectionAssert.IsSubsetOf(new[] { "Running first", "first: tool one", "Running second", "second: hello" }, bench.Log.Lines.ToArray());

        // What they made is part of the release.
        Assert.Contains("\"instance\"", await File.ReadAllTextAsync(Path.Combine(release, "release.json")));
    }

    [TestMethod]
    public async Task A_command_that_fails_leaves_nothing_and_its_last_lines_are_told()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string before = await bench.AssembleAsync(request);
        ReleaseDescription description = Describe(bench, request, ("works", "true"), ("fails", "echo out; echo trouble >&2; exit 7"), ("never", "true"));
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => bench.AssembleAsync(description, [request]));
        Problem problem = failure.Problems.Single();
        Assert.AreEqual("LAVA4033", problem.Code);
        Assert.AreEqual(Location, problem.Location);
        Assert.Contains("'fails' ended with exit code 7", problem.Text);
        Assert.Contains("out | trouble", problem.Text);
        Assert.DoesNotContain("Running never", bench.Log.Lines);
        CollectionAssert.AreEqual(new[] { ".store", before }, bench.InCode());
    }

    [TestMethod]
    [DataRow("echo more > usr/share/other", "'usr/share/other' does not belong there")]
    [DataRow("rm usr/share/a", "'usr/share/a' is missing")]
    public async Task A_command_that_writes_into_a_component_fails_and_the_next_build_puts_it_in_order(string command, string difference)
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string before = await bench.AssembleAsync(request);
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => bench.AssembleAsync(Describe(bench, request, ("writes", command)), [request]));
        Assert.AreEqual("LAVA4041", failure.Problems.Single().Code);
        Assert.Contains(difference, failure.Problems.Single().Text);

        await bench.AssembleAsync(Describe(bench, request, ("works", "true")), [request]);
        string share = Path.Combine(bench.Layout.Release(before), "usr/share");
        CollectionAssert.AreEqual((string[])["a"], Directory.GetFileSystemEntries(share).Select(Path.GetFileName).ToArray());
        Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(share, "a")));
    }

    [TestMethod]
    public async Task What_a_command_did_to_a_component_before_it_failed_is_put_in_order_by_a_build_without_it()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string before = await bench.AssembleAsync(request);
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => bench.AssembleAsync(Describe(bench, request, ("writes", "rm usr/share/a; exit 1")), [request]));
        Assert.AreEqual("LAVA4033", failure.Problems.Single().Code);
        await bench.AssembleAsync(request);
        Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(before), "usr/share/a")));
    }

    [TestMethod]
    public async Task What_a_killed_build_s_command_did_to_components_is_put_in_order_by_builds_without_it()
    {
        using ReleaseBench bench = new();
        TreeRequest a = await bench.Cache.AddAsync("a", "usr/share/a=words");
        TreeRequest b = await bench.Cache.AddAsync("b", "usr/share/b=more");
        await bench.AssembleAsync(a, b);
        await File.WriteAllTextAsync(Path.Combine(StoreTreeOf(bench, "b"), "usr/share/stray"), "");
        File.Delete(Path.Combine(StoreTreeOf(bench, "a"), "usr/share/a"));
        Directory.CreateDirectory(Path.Combine(bench.Layout.Code, ".staging-0123"));

        // One build wants the first of them only, a later one the other.
        string name = await bench.AssembleAsync(a);
        CollectionAssert.AreEqual((string[])["LAVA4040", "LAVA4040"], bench.Log.Warnings.Select(warning => warning.Code).ToArray());
        Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(name), "usr/share/a")));
        await bench.AssembleAsync(b);
        Assert.HasCount(3, bench.Log.Warnings);
        CollectionAssert.AreEqual(
            (string[])["b"], Directory.GetFileSystemEntries(Path.Combine(StoreTreeOf(bench, "b"), "usr/share")).Select(Path.GetFileName).ToArray());
        CollectionAssert.DoesNotContain(bench.InCode(), ".staging-0123");

        static string StoreTreeOf(ReleaseBench bench, string component) =>
            bench.Layout.StoreTree(bench.InStore().Single(name => name.StartsWith($"{component}-", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_command_is_what_a_shell_of_its_own_is_given()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string name = await bench.AssembleAsync(Describe(bench, request, ("shows", "echo 'it'\\''s' $0 $# > shown")), [request]);
        Assert.AreEqual("it's /bin/sh 0\n", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(name), "shown")));
    }

    [TestMethod]
    public async Task What_stood_in_a_component_before_a_command_ran_is_not_its_doing()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string stray = Path.Combine(bench.Layout.Release(await bench.AssembleAsync(request)), "usr/share/stray");
        await File.WriteAllTextAsync(stray, "");
        await bench.AssembleAsync(Describe(bench, request, ("works", "true")), [request]);
        Assert.IsFalse(File.Exists(stray));
    }

    [TestMethod]
    public async Task A_FIFO_that_a_command_leaves_does_not_hold_the_build_up()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string name = await bench.AssembleAsync(Describe(bench, request, ("pipes", "mkfifo pipe")), [request]);
        Assert.Contains("\"pipe\"", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(name), "release.json")));
    }

    [TestMethod]
    public async Task A_command_over_its_time_leaves_nothing()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        ReleaseDescription description = Describe(bench, request, ("slow", "sleep 1000"));
        CommandPart slow = description.Parts.Commands[0] with { Timeout = TimeSpan.FromSeconds(1) };
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(
            () => bench.AssembleAsync(description with { Parts = description.Parts with { Commands = [slow] } }, [request]));
        Assert.AreEqual("LAVA9002", failure.Problems.Single().Code);
        CollectionAssert.AreEqual(new[] { ".store" }, bench.InCode());
    }

    [TestMethod]
    public async Task A_cancelled_assembly_leaves_the_instance_as_before_and_the_next_one_converges()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string before = await bench.AssembleAsync(request);
        ReleaseSwitch.To(bench.Layout, before);
        string[] code = bench.InCode();
        TreeRequest changed = await bench.Cache.AddAsync("a", "usr/share/a=other words");
        using CancellationTokenSource cancel = new();
        ReleaseDescription description = Describe(bench, changed, ("slow", "echo started; test -e ../../var/go || sleep 1000"));
        CancellingLog log = new("slow: started", cancel);
        await Assert.ThrowsAsync<OperationCanceledException>(() => bench.AssembleAsync(description, [changed], log, cancel.Token));
        CollectionAssert.AreEqual(code, bench.InCode());
        Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Current, "usr/share/a")));

        await File.WriteAllTextAsync(Path.Combine(bench.Layout.Root, "var/go"), "");
        string after = await bench.AssembleAsync(description, [changed]);
        Assert.AreEqual("other words", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(after), "usr/share/a")));
    }

    [TestMethod]
    public async Task What_a_killed_build_left_is_removed()
    {
        using ReleaseBench bench = new();
        Directory.CreateDirectory(Path.Combine(bench.Layout.Code, ".staging-0123/bin"));
        await File.WriteAllTextAsync(Path.Combine(bench.Layout.Code, ".staging-0123/bin/half"), "");
        string name = await bench.AssembleAsync(await bench.Cache.AddAsync("a", "usr/share/a=words"));
        CollectionAssert.AreEqual(new[] { ".store", name }, bench.InCode());
    }

    [TestMethod]
    public async Task What_is_left_of_a_release_is_set_aside_and_it_is_assembled_again()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string name = await bench.AssembleAsync(request);
        File.Delete(Path.Combine(bench.Layout.Release(name), "release.json"));
        await File.WriteAllTextAsync(Path.Combine(bench.Layout.Release(name), "admins"), "notes");
        Assert.AreEqual(name, await bench.AssembleAsync(request));
        Assert.IsTrue(File.Exists(Path.Combine(bench.Layout.Release(name), "release.json")));
        Problem warning = bench.Log.Warnings.Single();
        Assert.AreEqual("LAVA4039", warning.Code);
        string aside = bench.InCode().Single(entry => entry.StartsWith($".damaged-{name}-", StringComparison.Ordinal));
        Assert.AreEqual("notes", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Code, aside, "admins")));
        Assert.Contains(aside, warning.Text);
    }

    [TestMethod]
    public async Task Two_assemblies_of_one_instance_at_once_both_end_right()
    {
        using ReleaseBench bench = new();
        TreeRequest one = await bench.Cache.AddAsync("a", "usr/share/a=one");
        TreeRequest two = await bench.Cache.AddAsync("a", "usr/share/a=two");
        string[] names = await Task.WhenAll(
            new[] { one, two, one, two }.Select(request => Task.Run(() => bench.AssembleAsync(request))));
        Assert.AreEqual(names[0], names[2]);
        Assert.AreEqual(names[1], names[3]);
        CollectionAssert.AreEquivalent(new[] { ".store", names[0], names[1] }, bench.InCode());
        Assert.AreEqual("one", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(names[0]), "usr/share/a")));
        Assert.AreEqual("two", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Release(names[1]), "usr/share/a")));
        Assert.Contains($"Waiting for the instance {bench.Layout.Root} (assembling a release, process", string.Join('\n', bench.Log.Lines));
    }

    [TestMethod]
    public async Task Many_instances_with_one_cache_at_once_all_end_right()
    {
        using ReleaseBench bench = new();
        TreeRequest[] requests = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => bench.Cache.AddAsync($"c{i}", $"usr/share/c{i}/f=words")));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            InstanceLayout layout = new(bench.Cache.At($"instance{i}"));
            StoreWriter store = new(layout, bench.Trees, bench.Cache.Layout, LinkMode.HardLink, bench.Log);
            ReleaseAssembler assembler = new(layout, store, new Lava.Build.Platform.ProcessRunner(bench.Cache.Host), bench.Cache.Host, bench.Log);
            string name = await assembler.AssembleAsync(bench.Describe(requests), requests.ToDictionary(request => request.Component), false, CancellationToken.None);
            Assert.IsTrue(ReleaseSwitch.To(layout, name));
            Assert.AreEqual("words", await File.ReadAllTextAsync(Path.Combine(layout.Current, "usr/share/c2/f")));
        })));
        Assert.IsEmpty(bench.Log.Warnings);
    }

    [TestMethod]
    public async Task A_releases_own_modules_are_compiled_in_it_and_never_in_the_store()
    {
        using ReleaseBench bench = new() { Python = await Pythons.HostAsync() };
        string packages = bench.Python.SitePackages;
        TreeRequest request = await bench.Cache.AddAsync("a", $"{packages}/brought.py=x = 1\n");
        string template = bench.Cache.At("own.py");
        await File.WriteAllTextAsync(template, "x = 2\n");
        ReleaseDescription description = bench.Describe(request) with
        {
            Parts = new InstanceParts { Templates = [new TemplatePart(template, "@{SitePackages}/own.py", TreeModes.File, Location)] },
        };
        string release = bench.Layout.Release(await bench.AssembleAsync(description, [request]));
        string compiled = Path.Combine(release, packages, "__pycache__");
        Assert.AreEqual(
            "own", await Run.OutputAsync(Path.Combine(release, "bin/python"), ["-c", "import own, brought; print(own.__name__, end='')"]));
        Assert.IsTrue(File.Exists(Path.Combine(compiled, $"own.{bench.Python.CacheTag}.pyc")));
        Assert.IsTrue(File.Exists(Path.Combine(compiled, $"brought.{bench.Python.CacheTag}.pyc")));
        string stored = bench.Layout.StoreTree(bench.InStore().Single());
        Assert.HasCount(1, Directory.GetFiles(Path.Combine(stored, packages, "__pycache__")));
    }

    [TestMethod]
    public async Task Links_that_lead_nowhere_are_warned_of_with_what_would_supply_them()
    {
        using ReleaseBench bench = new();
        await bench.AssembleAsync(await bench.Cache.AddAsync("a", "usr/share/a->doc/a-doc/html"));
        Problem warning = bench.Log.Warnings.Single();
        Assert.AreEqual("LAVA4035", warning.Code);
        Assert.Contains("Add the component 'a-doc'", warning.Text);
        Assert.AreEqual(Location, warning.Location);
    }

    [TestMethod]
    public async Task Components_that_conflict_leave_no_release()
    {
        using ReleaseBench bench = new();
        TreeRequest a = await bench.Cache.AddAsync("a", "usr/share/x=one");
        TreeRequest b = await bench.Cache.AddAsync("b", "usr/share/x=two");
        LavaException failure = await Assert.ThrowsExactlyAsync<LavaException>(() => bench.AssembleAsync(a, b));
        Assert.AreEqual("LAVA4001", failure.Problems.Single().Code);
        CollectionAssert.AreEqual(new[] { ".store" }, bench.InCode());
        Assert.IsFalse(Directory.Exists(Path.Combine(bench.Layout.Root, "etc")));
    }

    [TestMethod]
    public async Task Activating_updates_the_instances_own_files_and_switches()
    {
        using ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/share/a=words");
        string template = bench.Cache.At("template");
        await File.WriteAllTextAsync(template, "one @{Instance}");
        ReleaseDescription description = bench.Describe(request) with
        {
            Parts = new InstanceParts
            {
                Templates = [new TemplatePart(template, "etc/app.conf", TreeModes.File, Location)],
                Secrets = [new SecretPart("etc/key", 10, Location)],
                Links = [new LinkPart("etc/log", "var/log", Location)],
                Directories = [new DirectoryPart("var/log", TreeModes.Directory, Location)],
            },
        };
        string name = await bench.AssembleAsync(description, [request]);
        InstanceActivation activation = new(bench.Layout, bench.Log);
        Assert.IsTrue((await activation.ActivateAsync(description, name, CancellationToken.None)).Switched);
        Assert.IsFalse((await activation.ActivateAsync(description, name, CancellationToken.None)).Switched);
        Assert.AreEqual("one sample", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Root, "etc/app.conf")));
        Assert.IsTrue(File.Exists(Path.Combine(bench.Layout.Root, "etc/key")));
        Assert.AreEqual("../var/log", new FileInfo(Path.Combine(bench.Layout.Root, "etc/log")).LinkTarget);

        // Assembling leaves what an active release may use as it is; activating brings it up to date.
        await File.WriteAllTextAsync(template, "two @{Instance}");
        Assert.AreEqual(name, await bench.AssembleAsync(description, [request]));
        Assert.AreEqual("one sample", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Root, "etc/app.conf")));
        await activation.ActivateAsync(description, name, CancellationToken.None);
        Assert.AreEqual("two sample", await File.ReadAllTextAsync(Path.Combine(bench.Layout.Root, "etc/app.conf")));
    }

    private static ReleaseDescription Describe(ReleaseBench bench, TreeRequest request, params (string Name, string Text)[] commands)
    {
        Dictionary<string, string> environment = new() { ["GREETING"] = "hello" };
        return bench.Describe(request) with
        {
            Parts = new InstanceParts
            {
                Commands = [.. commands.Select(command => new CommandPart(command.Name, command.Text, environment, TimeSpan.FromMinutes(1), Location))],
            },
        };
    }

    /// <summary>Cancels when it is told a certain line.</summary>
    private sealed class CancellingLog(string line, CancellationTokenSource cancel) : IBuildLog
    {
        public void Say(string text)
        {
            if (text == line)
            {
                cancel.Cancel();
            }
        }

        public void Detail(string text)
        {
        }

        public void Warn(Problem problem)
        {
        }
    }
}
