using System.Text.Json;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Python;
using Lava.Build.Releases;

namespace Lava.Build.Tests.Releases;

[TestClass]
public sealed class ReleaseContentsTests
{
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);
    private static readonly PythonInterpreter Python = new("/usr/bin/python3.11", "3.11.2", "cpython-311");

    private static readonly ReleaseDescription Base = new()
    {
        Instance = "sample",
        Revision = "1.0",
        Configuration = "Debug",
        Components = [Component("a"), Component("b"), Local("l")],
        Python = Python,
        Parts = new InstanceParts
        {
            Templates = [new TemplatePart("/t/x", "share/x", (UnixFileMode)0b110_100_100, Location)],
            Links = [new LinkPart("share/log", "var/log", Location)],
            Launchers = [new LauncherPart("run", "echo", "", new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }, "", Location)],
            Commands = [Command("c", "true"), Command("d", "false")],
            Values = new Dictionary<string, string> { ["Value"] = "v" },
        },
    };

    private static readonly Dictionary<string, string> Templates = new() { ["/t/x"] = "text @{Value}" };

    /// <summary>Changes that make another release of <see cref="Base"/>, and so give it another name.</summary>
    private static readonly (string What, Func<ReleaseDescription, ReleaseDescription> Change)[] Ingredients =
    [
        ("nothing", release => release),
        ("instance", release => release with { Instance = "other" }),
        ("configuration", release => release with { Configuration = "Release" }),
        ("component less", release => release with { Components = [.. release.Components.Skip(1)] }),
        ("version", With(component => component with { Pinned = component.Pinned with { Pin = component.Pinned.Pin with { Version = "1.1" } } })),
        ("archive", With(component => component with { Pinned = component.Pinned with { Pin = component.Pinned.Pin with { Sha256 = new string('9', 64) } } })),
        ("tree", With(component => component with { TreeDigest = new string('8', 64) })),
        ("overrides", With(component => component with { Pinned = component.Pinned with { Reference = ReleaseBench.Reference("a", ("Overrides", "b")) } })),
        ("excludes", With(component => component with { Pinned = component.Pinned with { Reference = ReleaseBench.Reference("a", ("Excludes", "usr/a")) } })),
        ("local path", release => release with { Components = [.. release.Components.Take(2), Local("l", path: "../other")] }),
        ("local place", release => release with { Components = [.. release.Components.Take(2), Local("l", place: "src/other")] }),
        ("template's place", Parts(parts => parts with { Templates = [parts.Templates[0] with { Destination = "share/y" }] })),
        ("template's mode", Parts(parts => parts with { Templates = [parts.Templates[0] with { Mode = (UnixFileMode)0b111_101_101 }] })),
        ("value", Parts(parts => parts with { Values = new Dictionary<string, string> { ["Value"] = "w" } })),
        ("link", Parts(parts => parts with { Links = [parts.Links[0] with { Target = "var/lib" }] })),
        ("launcher's name", Parts(parts => parts with { Launchers = [parts.Launchers[0] with { Name = "walk" }] })),
        ("launcher's command", Parts(parts => parts with { Launchers = [parts.Launchers[0] with { Command = "cat" }] })),
        ("launcher's variable", Parts(parts => parts with { Launchers = [parts.Launchers[0] with { Environment = new Dictionary<string, string> { ["A"] = "3", ["B"] = "2" } }] })),
        ("command's name", Parts(parts => parts with { Commands = [Command("x", "true"), parts.Commands[1]] })),
        ("command's text", Parts(parts => parts with { Commands = [Command("c", "true "), parts.Commands[1]] })),
        ("command's variable", Parts(parts => parts with { Commands = [parts.Commands[0] with { Environment = new Dictionary<string, string> { ["A"] = "1" } }, parts.Commands[1]] })),
        ("commands' order", Parts(parts => parts with { Commands = [parts.Commands[1], parts.Commands[0]] })),
        ("command less", Parts(parts => parts with { Commands = [parts.Commands[0]] })),
    ];

    /// <summary>Changes that leave <see cref="Base"/> the same release.</summary>
    private static readonly (string What, Func<ReleaseDescription, ReleaseDescription> Change)[] Others =
    [
        ("components' order", release => release with { Components = [.. release.Components.Reverse()] }),
        ("lines of items", With(component => component with { Pinned = component.Pinned with { Reference = component.Pinned.Reference with { Location = new SourceLocation("other", 9) } } })),
        ("architecture of the pin", With(component => component with { Pinned = component.Pinned with { Pin = component.Pinned.Pin with { File = "mirror-name", Size = 9 } } })),
        ("local directory", release => release with { Components = [.. release.Components.Take(2), Local("l") with { LocalDirectory = "/elsewhere" }] }),
        ("timeout", Parts(parts => parts with { Commands = [parts.Commands[0] with { Timeout = TimeSpan.FromHours(1) }, parts.Commands[1]] })),
        ("variables' order", Parts(parts => parts with { Launchers = [parts.Launchers[0] with { Environment = new Dictionary<string, string> { ["B"] = "2", ["A"] = "1" } }] })),
        ("instance's own parts", Parts(parts => parts with
        {
            Directories = [new DirectoryPart("var/x", default, Location)],
            Secrets = [new SecretPart("etc/key", 50, Location)],
            Templates = [.. parts.Templates, new TemplatePart("/t/x", "etc/x", default, Location)],
        })),
        ("value that no template uses", Parts(parts => parts with { Values = new Dictionary<string, string> { ["Value"] = "v", ["Other"] = "w" } })),
        ("where Python was looked for", release => release with { PythonSetting = "python3" }),
    ];

    [TestMethod]
    [DataRow("release.json", "release.json")]
    [DataRow("bin/activate", "bin/activate")]
    [DataRow("bin/tool*", null)]
    public void A_component_whose_file_is_hidden_by_a_generated_one_is_told_of(string file, string? hidden)
    {
        ReleaseTree tree = Trees.Tree("a", $"{file}=x");
        ReleaseContents contents = ReleaseContents.Build(Base, [tree], Templates);
        Assert.AreEqual(hidden is null ? "" : "LAVA4006", string.Join(' ', contents.Warnings.Select(warning => warning.Code)));
        Assert.IsTrue(hidden is null || contents.Warnings[0].Text.Contains($"'{hidden}'", StringComparison.Ordinal));
    }

    [TestMethod]
    public void The_name_changes_with_each_ingredient()
    {
        Dictionary<string, string> names = Ingredients.ToDictionary(ingredient => ingredient.What, ingredient => NameOf(ingredient.Change(Base)));
        string[] same = [.. names.GroupBy(pair => pair.Value).Where(group => group.Count() > 1).Select(group => string.Join(" = ", group.Select(pair => pair.Key)))];
        Assert.IsEmpty(same, string.Join("; ", same));
        Assert.AreNotEqual(names["nothing"], NameOf(Base, new Dictionary<string, string> { ["/t/x"] = "other @{Value}" }));
        Assert.IsTrue(names.Values.All(name => name.StartsWith("1.0+", StringComparison.Ordinal) && name.Length == 12));
    }

    [TestMethod]
    public void The_name_changes_with_nothing_else()
    {
        string name = NameOf(Base);
        foreach ((string what, Func<ReleaseDescription, ReleaseDescription> change) in Others)
        {
            Assert.AreEqual(name, NameOf(change(Base)), what);
        }
    }

    [TestMethod]
    public void The_order_in_which_lists_are_written_does_not_matter()
    {
        ReleaseDescription one = WithMetadata("b; l", "usr/a;usr/z\n");
        ReleaseDescription other = WithMetadata("l;b", " usr/z;usr/a");
        Assert.AreEqual(NameOf(one), NameOf(other));
    }

    [TestMethod]
    public void Python_is_an_ingredient_where_it_is_used()
    {
        ReleaseDescription with = Parts(parts => parts with { Launchers = [new LauncherPart("run", "", "m:f", new Dictionary<string, string>(), "", Location)] })(Base);
        PythonInterpreter newer = Python with { Version = "3.12.1" };
        Assert.AreNotEqual(NameOf(with), NameOf(with with { Python = newer }));
        Assert.AreEqual(NameOf(with), NameOf(with with { Python = Python with { Version = "3.11.9" } }), "A patch of the host's Python is no other release.");
        Assert.AreEqual(NameOf(Base), NameOf(Base with { Python = newer }));
        Assert.AreEqual(NameOf(Base), NameOf(Base with { Python = null }));
    }

    [TestMethod]
    [DataRow("1.0", "1.0+")]
    [DataRow("2:9.0", "2%3a9.0+")]
    [DataRow("feature/x", "feature%2fx+")]
    public void The_revision_stands_first_as_it_can_stand_in_a_path(string revision, string expected)
    {
        string name = NameOf(Base with { Revision = revision });
        Assert.AreEqual(expected, name[..^8]);
        Assert.AreEqual(NameOf(Base)[^8..], name[^8..]);
    }

    [TestMethod]
    public void The_record_is_the_same_everywhere_and_at_any_time()
    {
        ReleaseContents contents = Build(Base, Templates);
        Dictionary<string, string> none = [];
        string text = ReleaseRecord.ToJson(Base, contents, new(new Dictionary<string, string> { ["bin/b"] = "22", ["bin/a"] = "11" }, none, none));
        ReleaseDescription elsewhere = Base with
        {
            Components = [.. Base.Components.Take(2).Reverse(), Local("l") with { LocalDirectory = "/home/other/l" }],
            PythonSetting = "/opt/python",
        };
        Assert.AreEqual(text, ReleaseRecord.ToJson(
            elsewhere, Build(elsewhere, Templates), new(new Dictionary<string, string> { ["bin/a"] = "11", ["bin/b"] = "22" }, none, none)));
        Assert.DoesNotContain(Environment.MachineName, text);
        Assert.DoesNotContain("/home", text);
        Assert.DoesNotMatchRegex("\"/|[0-9]{2}:[0-9]{2}|20[0-9]{2}-[0-9]{2}", text);
        Assert.EndsWith("}\n", text);

        using JsonDocument json = JsonDocument.Parse(text);
        Assert.AreEqual(contents.Name, json.RootElement.GetProperty("name").GetString());
        Assert.AreEqual(contents.Digest, json.RootElement.GetProperty("digest").GetString());
        Assert.AreEqual("a b l", string.Join(' ', json.RootElement.GetProperty("components").EnumerateArray().Select(c => c.GetProperty("name").GetString())));
        JsonElement local = json.RootElement.GetProperty("components")[2];
        Assert.IsTrue(local.GetProperty("local").GetBoolean());
        Assert.AreEqual("../l", local.GetProperty("path").GetString());
        Assert.IsFalse(json.RootElement.TryGetProperty("python", out _));
        Assert.AreEqual("bin/a bin/b", string.Join(' ', json.RootElement.GetProperty("generated").EnumerateObject().Select(file => file.Name)));
    }

    [TestMethod]
    public void A_developed_component_makes_another_release_whose_record_has_its_pin_and_its_directory_as_written()
    {
        ReleaseDescription developed = With(Developed("../a", "/home/me/a"))(Base);
        string name = NameOf(developed);
        Assert.AreNotEqual(NameOf(Base), name);
        Assert.AreEqual(name, NameOf(With(Developed("../a", "/home/other/a"))(Base)));
        Assert.AreNotEqual(name, NameOf(With(Developed("../b", "/home/me/a"))(Base)));
        Dictionary<string, string> none = [];
        string text = ReleaseRecord.ToJson(developed, Build(developed, Templates), new(none, none, none));
        Assert.DoesNotContain("/home", text);
        using JsonDocument json = JsonDocument.Parse(text);
        JsonElement component = json.RootElement.GetProperty("components")[0];
        Assert.AreEqual("../a 1.0", $"{component.GetProperty("path").GetString()} {component.GetProperty("version").GetString()}");
        Assert.StartsWith("a == local\n", ReleaseRecord.ToManifest(developed));
    }

    [TestMethod]
    public void The_record_for_people_has_a_line_for_each_component() =>
        Assert.AreEqual("a == 1.0\nb == 1.0\nl == local\n", ReleaseRecord.ToManifest(Base with { Components = [.. Base.Components.Reverse()] }));

    [TestMethod]
    public void A_component_and_the_project_may_both_want_a_program_and_the_projects_wins()
    {
        ReleaseTree tree = Trees.Tree("a", "usr/bin/run*=#!/bin/sh\n");
        ReleaseContents contents = ReleaseContents.Build(Base with { Components = [Component("a")] }, [tree], Templates);
        Assert.Contains("echo", contents.Generated.Single(file => file.Path == "bin/run").Content!);
    }

    [TestMethod]
    public void A_component_cannot_stand_where_the_records_do()
    {
        ReleaseTree tree = Trees.Tree("a", "release.json=forged", "manifest.txt/x=");
        ReleaseContents contents = ReleaseContents.Build(Base with { Components = [Component("a")] }, [tree], Templates);
        Assert.IsFalse(contents.Plan.Entries.Any(entry => entry.Path is "release.json" or "manifest.txt"));
    }

    private static string NameOf(ReleaseDescription description, Dictionary<string, string>? templates = null) => Build(description, templates ?? Templates).Name;

    private static ReleaseContents Build(ReleaseDescription description, IReadOnlyDictionary<string, string> templates)
    {
        ReleaseTree[] trees = [.. description.Components.Where(component => component.TreeDigest is not null).Select(component => Trees.Tree(component.Name, $"usr/{component.Name}=", "usr/z=") with
        {
            StoreName = component.StoreName!,
        })];
        return ReleaseContents.Build(description, trees, templates);
    }

    private static ReleaseDescription WithMetadata(string overrides, string excludes) => With(component => component with
    {
        Pinned = component.Pinned with { Reference = ReleaseBench.Reference("a", ("Overrides", overrides), ("Excludes", excludes)) },
    })(Base);

    private static Func<ReleaseDescription, ReleaseDescription> With(Func<ReleaseComponent, ReleaseComponent> change) =>
        release => release with { Components = [change(release.Components[0]), .. release.Components.Skip(1)] };

    private static Func<ReleaseDescription, ReleaseDescription> Parts(Func<InstanceParts, InstanceParts> change) =>
        release => release with { Parts = change(release.Parts) };

    private static Func<ReleaseComponent, ReleaseComponent> Developed(string path, string directory) =>
        component => component with { LocalDirectory = directory, LocalPath = "src/a", LocalText = path, PythonPath = [""] };

    private static ReleaseComponent Component(string name)
    {
        Pin pin = new() { Name = name, Source = "archive", Version = "1.0", Sha256 = new string('1', 64) };
        return new ReleaseComponent(new PinnedComponent(ReleaseBench.Reference(name), pin), new string('2', 64), null, null);
    }

    private static ReleaseComponent Local(string name, string path = "../l", string place = "src/l")
    {
        Pin pin = new() { Name = name, Source = "local" };
        return new ReleaseComponent(new PinnedComponent(ReleaseBench.Reference(name, ("Path", path)), pin), null, "/home/me/l", place) { LocalText = path };
    }

    private static CommandPart Command(string name, string text) =>
        new(name, text, new Dictionary<string, string>(), TimeSpan.FromSeconds(9), Location);
}
