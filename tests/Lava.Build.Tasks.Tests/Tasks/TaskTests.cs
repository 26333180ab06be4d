using Lava.Build.Tasks;
using Microsoft.Build.Framework;

namespace Lava.Build.Tests.Tasks;

/// <summary>Tasks as MSBuild executes them, in process.</summary>
[TestClass]
public sealed class TaskTests
{
    private const string Sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [TestMethod]
    public void Every_problem_reaches_the_log_with_its_code_file_and_line()
    {
        using TaskBench bench = new("""
            <Project>
              <ItemGroup>
                <LavaComponent Include="aa" Source="dep" />
                <LavaComponent Include="bb" Source="deb" />
                <LavaDirectory Include="usr; var/log" Mode="rwx" />
                <LavaTemplate Include="missing" Mod="0644" />
              </ItemGroup>
            </Project>
            """);
        CheckLavaDescription task = bench.Prepare(new CheckLavaDescription
        {
            Instance = "sample",
            LinkMode = "links",
            Components = [bench.Item("aa", ("Source", "dep"), ("Version", "1")), bench.Item("bb", ("Source", "deb"), ("Version", " "))],
            Directories = [bench.Item("usr", ("Mode", "rwx")), bench.Item("var/log", ("Mode", "0755"))],
            Templates = [bench.Item("missing", ("Mod", "0644"))],
        });
        Assert.IsFalse(task.Execute());
        string[] errors = [.. bench.Errors.Select(error => $"{error.Code} {error.LineNumber}").Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(new[] { "LAVA1001 3", "LAVA1003 4", "LAVA1050 6", "LAVA1051 5", "LAVA1058 5", "LAVA1060 6", "LAVA1061 0" }, errors);
        Assert.IsTrue(bench.Errors.All(error => error.File == bench.Project));
    }

    [TestMethod]
    public void A_project_without_components_is_an_error()
    {
        using TaskBench bench = new();
        Assert.IsFalse(bench.Prepare(new CheckLavaDescription { Instance = "sample", LinkMode = "copy" }).Execute());
        Assert.AreEqual("LAVA1062", bench.Errors.Single().Code);
        Assert.AreEqual(bench.Project, bench.Errors.Single().File);
    }

    [TestMethod]
    public void A_good_description_says_nothing()
    {
        using TaskBench bench = new();
        CheckLavaDescription task = bench.Prepare(new CheckLavaDescription
        {
            Instance = "sample",
            LinkMode = "hardlink",
            PrimaryComponent = "aa",
            Components = [bench.Item("aa", ("Source", "deb"), ("Version", "1:2.0-1"), ("Sha256", Sha256.ToUpperInvariant()))],
            Directories = [bench.Item("var/log/", ("Mode", "0750"))],
            Launchers = [bench.Item("run", ("Command", "echo"), ("Environment", "A=1; B=x=y ;"))],
            Commands = [bench.Item("check", ("Command", "true"), ("Timeout", "10"))],
            Secrets = [bench.Item("etc/key", ("Length", "20"))],
            Values = [bench.Item("Name", ("Value", "x"))],
        });
        Assert.IsTrue(task.Execute(), string.Join('\n', bench.Errors.Select(error => error.Message)));
        Assert.IsEmpty(bench.Errors);
        Assert.IsEmpty(bench.Warnings);
    }

    [TestMethod]
    [DataRow("Timeout", "0", "LAVA1059")]
    [DataRow("Timeout", "-1", "LAVA1059")]
    [DataRow("Timeout", "ten", "LAVA1059")]
    [DataRow("Timeout", "86401", "LAVA1059")]
    [DataRow("Environment", "A", "LAVA1055")]
    [DataRow("Environment", "=x", "LAVA1055")]
    [DataRow("Command", "", "LAVA1057")]
    [DataRow("Tiemout", "1", "LAVA1060")]
    public void What_a_command_says_is_checked(string name, string value, string code)
    {
        using TaskBench bench = new();
        ITaskItem command = bench.Item("check", ("Command", "true"));
        command.SetMetadata(name, value);
        CheckLavaDescription task = bench.Prepare(new CheckLavaDescription
        {
            Instance = "sample",
            LinkMode = "copy",
            Components = [bench.Item("aa", ("Source", "deb"), ("Version", "1"))],
            Commands = [command],
        });
        Assert.IsFalse(task.Execute());
        Assert.AreEqual(code, bench.Errors.Single().Code);
    }

    [TestMethod]
    public async Task From_a_description_to_an_active_release()
    {
        using TaskBench bench = new();
        string archive = bench.Cache.At("project", "a.tar");
        Lava.Build.Cache.TreeRequest request = await bench.Cache.AddAsync("aa", "usr/bin/run*=#!/bin/sh\necho ran\n");
        File.Copy(bench.Cache.Archives.PathOf(request.Archive), archive);
        File.Delete(bench.Cache.Archives.PathOf(request.Archive));
        ITaskItem[] components = [bench.Item("aa", ("Source", "archive"), ("Version", "1.0"), ("Path", "a.tar"))];

        Execute(bench, new ResolveLavaComponents { Components = components, LockFile = "instance.lock.json", CacheRoot = bench.Cache.Layout.Root });
        Assert.Contains(request.Archive, await File.ReadAllTextAsync(bench.Cache.At("project", "instance.lock.json")));
        Execute(bench, new ResolveLavaComponents
        {
            Components = components,
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.Layout.Root,
            LockedMode = true,
        });
        Execute(bench, new FetchLavaComponents
        {
            Components = components,
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.Layout.Root,
            StoreRoot = "instances/sample/code/.store",
        });
        Assert.IsTrue(File.Exists(bench.Cache.Archives.PathOf(request.Archive)));
        UnpackLavaComponents unpack = Execute(bench, new UnpackLavaComponents
        {
            Components = components,
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.Layout.Root,
            StoreRoot = "instances/sample/code/.store",
        });
        string tree = $"{unpack.Trees.Single()}";
        Assert.EndsWith("/aa-1.0-" + tree[..12], tree);
        AssembleLavaRelease assemble = Execute(bench, new AssembleLavaRelease
        {
            Components = components,
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.Layout.Root,
            Instance = "sample",
            InstanceRoot = "instances/sample",
            Configuration = "Debug",
        });
        Assert.StartsWith("1.0+", assemble.Release);
        Execute(bench, new ActivateLavaRelease
        {
            Release = assemble.Release,
            Components = components,
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.Layout.Root,
            Instance = "sample",
            InstanceRoot = "instances/sample",
            Configuration = "Debug",
        });
        Assert.AreEqual("ran\n", await Shells.Run.OutputAsync(bench.Cache.At("project", "instances/sample/bin/run"), []));
        Assert.IsEmpty(bench.Warnings);
    }

    [TestMethod]
    public void Locked_mode_lists_every_difference_where_it_was_asked_for()
    {
        using TaskBench bench = new("<Project><ItemGroup>\n<LavaComponent Include=\"aa\" />\n<LavaComponent Include=\"bb\" />\n</ItemGroup></Project>");
        File.WriteAllText(
            bench.Cache.At("project", "instance.lock.json"),
            $"{{\"version\": 1, \"components\": {{\"aa\": {{\"source\": \"archive\", \"version\": \"2\", \"sha256\": \"{Sha256}\"}}}}}}");
        ResolveLavaComponents task = bench.Prepare(new ResolveLavaComponents
        {
            Components = [Archive(bench, "aa"), Archive(bench, "bb")],
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.Layout.Root,
            LockedMode = true,
        });
        Assert.IsFalse(task.Execute());
        CollectionAssert.AreEqual(new[] { "LAVA1011 2", "LAVA1013 3" }, bench.Errors.Select(error => $"{error.Code} {error.LineNumber}").ToArray());
    }

    private static FetchLavaComponents Fetch(TaskBench bench, string lockFile) => bench.Prepare(new FetchLavaComponents
    {
        Components = [Archive(bench, "aa")],
        LockFile = lockFile,
        CacheRoot = bench.Cache.Layout.Root,
        StoreRoot = "store",
    });

    [TestMethod]
    public void A_build_without_a_restore_is_told_to_restore()
    {
        using TaskBench bench = new();
        Assert.IsFalse(Fetch(bench, "instance.lock.json").Execute());
        Assert.AreEqual("LAVA1016", bench.Errors.Single().Code);
    }

    [TestMethod]
    public void What_the_file_system_refuses_is_an_error_with_a_code()
    {
        using TaskBench bench = new();
        File.WriteAllText(bench.Cache.At("file"), "");
        ResolveLavaComponents task = bench.Prepare(new ResolveLavaComponents
        {
            Components = [Archive(bench, "aa")],
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.At("file", "cache"),
        });
        Assert.IsFalse(task.Execute());
        Assert.AreEqual("LAVA9007", bench.Errors.Single().Code);
        Assert.AreEqual(bench.Project, bench.Errors.Single().File);
    }

    [TestMethod]
    public void A_message_stays_one_line_whatever_it_quotes()
    {
        using TaskBench bench = new();
        Assert.IsFalse(Fetch(bench, "odd\nerror LAVA0000: \u001b[31m.lock.json").Execute());
        Assert.Contains("odd\\x0aerror LAVA0000: \\x1b[31m", bench.Errors.Single().Message!);
    }

    [TestMethod]
    public void A_cancelled_task_fails_and_says_nothing()
    {
        using TaskBench bench = new();
        ResolveLavaComponents task = bench.Prepare(new ResolveLavaComponents
        {
            Components = [bench.Item("aa", ("Source", "archive"), ("Version", "1"), ("Url", "http://127.0.0.1:1/a.tar"))],
            LockFile = "instance.lock.json",
            CacheRoot = bench.Cache.Layout.Root,
        });
        task.Cancel();
        Assert.IsFalse(task.Execute());
        Assert.IsEmpty(bench.Errors);
        Assert.IsEmpty(bench.Warnings);
    }

    private static ITaskItem Archive(TaskBench bench, string name) =>
        bench.Item(name, ("Source", "archive"), ("Version", "1"), ("Path", $"{name}.tar"));

    private static T Execute<T>(TaskBench bench, T task)
        where T : LavaTask
    {
        Assert.IsTrue(bench.Prepare(task).Execute(), string.Join('\n', bench.Errors.Select(error => $"{error.Code}: {error.Message}")));
        return task;
    }
}
