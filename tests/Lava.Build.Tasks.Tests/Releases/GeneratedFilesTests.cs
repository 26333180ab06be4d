using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Python;
using Lava.Build.Releases;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Releases;

/// <summary>What a release has beyond its components: launchers, Python's files, and the project's templates and links.</summary>
[TestClass]
public sealed class GeneratedFilesTests
{
    private static readonly InstanceLayout Layout = new("/instances/sample");
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);
    private static readonly PythonInterpreter Python = new("/usr/bin/python3.11", "3.11.2", "cpython-311");

    private static readonly ReleaseDescription Plain = new()
    {
        Instance = "sample",
        Revision = "1.0",
        Configuration = "Debug",
        Components = [],
        Parts = new InstanceParts(),
        Python = Python,
        PythonSetting = "/opt/python3",
    };

    [TestMethod]
    public void Each_program_of_a_component_has_a_launcher_that_leads_to_it()
    {
        ReleaseTree a = Trees.Tree("a", "usr/bin/one*=", "usr/bin/notes=", "usr/sbin/two*=", "bin/three*=", "usr/bin/link->one", "usr/share/four*=", "usr/bin/d/five*=");
        ReleaseTree b = Trees.Tree("b", "usr/bin/two*=b", "sbin/six*=", "usr/bin/gone->/nowhere");
        Dictionary<string, string> launchers = Launch(Plain, a, b);
        CollectionAssert.AreEquivalent(
            new[] { "bin/one", "bin/two", "bin/three", "bin/link", "bin/six" }, launchers.Keys);
        Assert.Contains("usr/bin/one", launchers["bin/one"]);
        Assert.Contains("usr/bin/two", launchers["bin/two"]);
        Assert.Contains("usr/bin/link", launchers["bin/link"]);

        // Its own place in the release is the launcher's now.
        Assert.Contains("../.store/a-1/bin/three", launchers["bin/three"]);
    }

    [TestMethod]
    [DataRow("/usr/bin/python3", true)]
    [DataRow("/usr/bin/python3.11 -Es", true)]
    [DataRow("/usr/bin/python", true)]
    [DataRow("/usr/bin/env python3", true)]
    [DataRow("/usr/bin/env -S python3 -I", true)]
    [DataRow("/bin/sh", false)]
    [DataRow("/usr/bin/env bash", false)]
    [DataRow("/usr/bin/pythonista", false)]
    [DataRow("/usr/bin/python3-config", false)]
    [DataRow("", false)]
    [DataRow(null, false)]
    public void Scripts_of_Python_are_told_by_their_first_line(string? interpreter, bool python)
    {
        Assert.AreEqual(python, PythonFiles.IsPython(interpreter));
        TreeEntry[] entries = [new("usr", EntryKind.Directory), new("usr/bin", EntryKind.Directory), new("usr/bin/run", EntryKind.File, true, 1, 0, "1") { Interpreter = interpreter }];
        ReleaseTree tree = new() { Component = "a", StoreName = "a-1", Manifest = new TreeManifest(entries) };
        Assert.AreEqual(python, PythonFiles.AreNeeded(Plain, [tree]));
        Assert.AreEqual(python, Launch(Plain, tree)["bin/run"].Contains("python3.11", StringComparison.Ordinal));
    }

    [TestMethod]
    public void A_program_that_needs_libraries_of_the_release_is_started_by_its_loader()
    {
        TreeEntry[] entries =
        [
            new("usr", EntryKind.Directory), new("usr/bin", EntryKind.Directory),
            new("usr/bin/needs", EntryKind.File, true, 1, 0, "1") { Elf = new ElfFacts("/lib64/ld.so", null, ["liba.so.1"]) },
            new("usr/bin/plain", EntryKind.File, true, 1, 0, "2") { Elf = new ElfFacts("/lib64/ld.so", null, ["libc.so.6"]) },
            new("usr/lib", EntryKind.Directory),
            new("usr/lib/liba.so.1", EntryKind.File, false, 1, 0, "3") { Elf = new ElfFacts(null, "liba.so.1", []) },
        ];
        Dictionary<string, string> launchers = Launch(Plain, new ReleaseTree { Component = "a", StoreName = "a-1", Manifest = new TreeManifest(entries) });
        Assert.Contains("/lib64/ld.so", launchers["bin/needs"]);
        Assert.Contains("usr/lib", launchers["bin/needs"]);
        Assert.DoesNotContain("ld.so", launchers["bin/plain"]);
    }

    [TestMethod]
    public void A_projects_launchers_come_last_and_are_programs()
    {
        LauncherPart[] parts =
        [
            new("run", "echo it's", "", new Dictionary<string, string> { ["A"] = "b c" }, "", Location),
            new("serve", "", "app.cli:Main.run", new Dictionary<string, string>(), "import early", Location),
        ];
        ReleaseDescription description = Plain with { Parts = new InstanceParts { Launchers = parts } };
        GeneratedFile[] files = [.. Launchers.For(description, View(Trees.Tree("a", "usr/bin/run*=")), [Trees.Tree("a", "usr/bin/run*=")])];
        CollectionAssert.AreEqual(new[] { "bin/run", "bin/run", "bin/serve" }, files.Select(file => file.Path).ToArray());
        Assert.IsTrue(files.All(file => file.Mode == TreeModes.Program));
        Assert.Contains("echo it's", files[1].Content!);
        Assert.Contains("import early", files[2].Content!);
        Assert.Contains("app.cli", files[2].Content!);
    }

    [TestMethod]
    public void Pythons_files_make_a_release_a_virtual_environment_with_its_components_modules()
    {
        ReleaseTree tree = Trees.Tree("a", "usr/lib/python3/dist-packages/m.py=");
        Dictionary<string, GeneratedFile> files = PythonFiles.For(Plain, View(tree), [tree]).ToDictionary(file => file.Path);
        CollectionAssert.AreEquivalent(
            new[]
            {
                "pyvenv.cfg", "bin/pyvenv.cfg", "libexec/python3.11", "bin/python", "bin/python3", "bin/python3.11",
                "lib/python3.11/site-packages/lava.pth",
            },
            files.Keys);
        Assert.AreEqual("/usr/bin/python3.11", files["libexec/python3.11"].LinkText);
        Assert.AreEqual("../pyvenv.cfg", files["bin/pyvenv.cfg"].LinkText);
        Assert.AreEqual("import sys; sys.dont_write_bytecode = True\n../../../usr/lib/python3/dist-packages\n", files["lib/python3.11/site-packages/lava.pth"].Content);
        string[] configuration = files["pyvenv.cfg"].Content!.Split('\n');
        CollectionAssert.IsSubsetOf(new[] { "home = /usr/bin", "include-system-site-packages = false", "version = 3.11", "prompt = sample" }, configuration);
    }

    [TestMethod]
    public void Local_modules_come_before_those_of_packages()
    {
        ReleaseTree tree = Trees.Tree("a", "usr/lib/python3/dist-packages/m.py=", "usr/local/lib/python3.11/dist-packages/n.py=");
        Pin pin = new() { Name = "l", Source = "local" };
        ReleaseDescription description = Plain with
        {
            Components = [new ReleaseComponent(new PinnedComponent(ReleaseBench.Reference("l"), pin), null, "/home/me/l", "src/l") { PythonPath = ["", "lib"] }],
        };
        string path = PythonFiles.For(description, View(tree), [tree]).Single(file => file.Path.EndsWith(".pth", StringComparison.Ordinal)).Content!;
        Assert.AreEqual(
            "import sys; sys.dont_write_bytecode = True\n../../../src/l\n../../../src/l/lib\n../../../usr/local/lib/python3.11/dist-packages\n../../../usr/lib/python3/dist-packages\n", path);
    }

    [TestMethod]
    [DataRow("component", "component 'a'")]
    [DataRow("launcher", "LavaLauncher 'serve'")]
    [DataRow("local", "component 'l'")]
    public void Where_Python_is_needed_and_missing_the_error_says_for_what(string what, string expected)
    {
        ReleaseDescription description = Plain with { Python = null };
        ReleaseTree[] trees = [];
        switch (what)
        {
            case "component":
                trees = [Trees.Tree("a", "usr/lib/python3/dist-packages/m.py=")];
                break;
            case "launcher":
                description = description with
                {
                    Parts = new InstanceParts { Launchers = [new LauncherPart("serve", "", "a:b", new Dictionary<string, string>(), "", Location)] },
                };
                break;
            default:
                Pin pin = new() { Name = "l", Source = "local" };
                description = description with
                {
                    Components = [new ReleaseComponent(new PinnedComponent(ReleaseBench.Reference("l"), pin), null, "/l", "src/l") { PythonPath = [""] }],
                };
                break;
        }

        Problem problem = Assert.ThrowsExactly<LavaException>(() => ReleaseContents.Build(description, trees, new Dictionary<string, string>())).Problems.Single();
        Assert.AreEqual("LAVA4034", problem.Code);
        Assert.Contains(expected, problem.Text);
        Assert.Contains("'/opt/python3'", problem.Text);
    }

    [TestMethod]
    public void A_release_without_Python_needs_none()
    {
        ReleaseTree tree = Trees.Tree("a", "usr/bin/run*=", "usr/share/doc/example.py=");
        ReleaseContents contents = ReleaseContents.Build(Plain with { Python = null }, [tree], new Dictionary<string, string>());
        Assert.IsFalse(contents.UsesPython);
        Assert.IsFalse(contents.Generated.Any(file => file.Path == "pyvenv.cfg"));
    }

    [TestMethod]
    public void Templates_and_links_go_to_the_release_or_to_the_instance_by_their_place()
    {
        ReleaseDescription description = Plain with
        {
            Parts = new InstanceParts
            {
                Templates =
                [
                    new TemplatePart("/t/a", "share/a", (UnixFileMode)0b111_111_111, Location),
                    new TemplatePart("/t/a", "etc/a", (UnixFileMode)0b110_100_000, Location),
                    new TemplatePart("/t/a", "@{SitePackages}/a.py", TreeModes.File, Location),
                ],
                Links =
                [
                    new LinkPart("share/own/log", "var/log", Location), new LinkPart("share/x", "lib/x", Location), new LinkPart("etc/x", "var/x", Location),
                ],
                Values = new Dictionary<string, string> { ["Own"] = "mine" },
            },
        };
        Dictionary<string, string> templates = new() { ["/t/a"] = "@{Own} @{Instance} @{Revision} @{Configuration} @{PythonVersion} @{SitePackages}" };
        const string Filled = "mine sample 1.0 Debug 3.11 lib/python3.11/site-packages";
        Dictionary<string, GeneratedFile> files = PartFiles.For(description, templates).ToDictionary(file => file.Path);
        CollectionAssert.AreEquivalent(new[] { "share/a", "lib/python3.11/site-packages/a.py", "share/own/log", "share/x" }, files.Keys);
        Assert.AreEqual(Filled, files["share/a"].Content);

        // Nobody may write a release's files.
        Assert.AreEqual((UnixFileMode)0b101_101_101, files["share/a"].Mode);
        Assert.AreEqual("../../../../var/log", files["share/own/log"].LinkText);
        Assert.AreEqual("../lib/x", files["share/x"].LinkText);
        ConfigurationFile configuration = PartFiles.Configuration(description, templates, Layout).Single();
        Assert.AreEqual(new ConfigurationFile("etc/a", Filled, (UnixFileMode)0b110_100_000), configuration);
    }

    [TestMethod]
    public void A_projects_own_values_win_and_a_hole_that_nothing_fills_is_an_error()
    {
        ReleaseDescription description = Plain with
        {
            Parts = new InstanceParts
            {
                Templates = [new TemplatePart("/t/a", "share/a", TreeModes.File, Location)],
                Values = new Dictionary<string, string> { ["Instance"] = "mine" },
            },
        };
        Assert.AreEqual("mine", PartFiles.For(description, new Dictionary<string, string> { ["/t/a"] = "@{Instance}" }).Single().Content);
        Problem problem = Assert.ThrowsExactly<LavaException>(
            () => PartFiles.For(description, new Dictionary<string, string> { ["/t/a"] = "\n@{No}" }).ToArray()).Problems.Single();
        Assert.AreEqual("LAVA4020", problem.Code);
        Assert.AreEqual("/t/a", problem.Location.File);
        Assert.AreEqual(2, problem.Location.Line);
    }

    [TestMethod]
    public async Task Each_template_is_read_once()
    {
        using TemporaryDirectory directory = new();
        string file = Path.Combine(directory.Path, "t");
        await File.WriteAllTextAsync(file, "text");
        TemplatePart part = new(file, "share/a", TreeModes.File, Location);
        IReadOnlyDictionary<string, string> texts = await PartFiles.ReadTemplatesAsync(
            new InstanceParts { Templates = [part, part with { Destination = "share/b" }] }, CancellationToken.None);
        Assert.AreEqual("text", texts.Single().Value);
    }

    private static Dictionary<string, string> Launch(ReleaseDescription description, params ReleaseTree[] trees) =>
        Launchers.For(description, View(trees), trees).ToDictionary(file => file.Path, file => file.Content!);

    private static MergedView View(params ReleaseTree[] trees) => MergedView.Build([.. trees.Select(tree => tree with { Overrides = trees.Select(other => other.Component).Where(name => name != tree.Component && tree.Component == "b").ToHashSet() })], []);
}
