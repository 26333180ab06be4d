using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Sources;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class ComponentChecksTests
{
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);
    private static readonly ComponentReference Good = new()
    {
        Name = "good",
        Source = "deb",
        Version = "1.0-1",
        Location = Location,
    };

    /// <summary>What is wrong with one component beside <see cref="Good"/>: the code and a part of the text.</summary>
    private static IEnumerable<object?[]> Cases =>
    [
        Case("deb", "1.0", null),
        Case("DEB", "2:1.0~rc1+dfsg-1", null),
        Case("", "1.0", "LAVA1002: deb, archive, local"),
        Case("dep", "1.0", "LAVA1001: 'dep'. Known sources: deb, archive, local"),
        Case("deb", "", "LAVA1003: source 'deb'"),
        Case("archive", "", "LAVA1003: source 'archive'", ("Url", "https://example.org/a.tar")),
        Case("archive", "1.0 or later", "LAVA1010: '1.0 or later'", ("Url", "https://example.org/a.tar")),
        Case("archive", "-1", "LAVA1010: '-1'", ("Url", "https://example.org/a.tar")),
        Case("archive", "1\n", "LAVA1010: '1\n'", ("Url", "https://example.org/a.tar")),
        Case("deb", "1.0", "LAVA1005: 'Versoin', which source 'deb' does not know. Did you mean 'Version'", ("Versoin", "1")),
        Case("deb", "1.0", "LAVA1005: Did you mean 'Overrides'", ("Override", "good")),
        Case("deb", "1.0", "LAVA1005: Did you mean 'Excludes'", ("exclude", "usr")),
        Case("archive", "1.0", "LAVA1005: Did you mean 'Url'", ("URI", "x"), ("Url", "https://example.org/a.tar")),
        Case("deb", "1.0", null, ("overrides", "good")),
        Case("deb", "1.0", "LAVA1009: Overrides=\"other\"", ("Overrides", "good;other")),
        Case("deb", "1.0", "LAVA1009: Overrides=\"tested\"", ("Overrides", "tested")),
        Case("deb", "1.0", null, ("Excludes", "usr/share/doc;etc/\n ; lib/systemd")),
        Case("deb", "1.0", "LAVA1007: Excludes '/usr' of 'tested'", ("Excludes", "/usr")),
        Case("deb", "1.0", "LAVA1007: Excludes 'usr/../..' of 'tested'", ("Excludes", "usr/../..")),
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_component_is_checked(string source, string version, string? expected, Dictionary<string, string> metadata)
    {
        ComponentReference reference = Good with { Name = "tested", Source = source, Version = version, Metadata = metadata };
        AssertProblems(ComponentChecks.Check([Good, reference], "/project"), expected is null ? [] : [expected]);
    }

    [TestMethod]
    [DataRow("a", true)]
    [DataRow("@scope/name", true)]
    [DataRow("libstdc++6", true)]
    [DataRow("A.b_c-d", true)]
    [DataRow("", false)]
    [DataRow(".a", false)]
    [DataRow("-a", false)]
    [DataRow("a..b", false)]
    [DataRow("a/../b", false)]
    [DataRow("a b", false)]
    [DataRow("é", false)]
    [DataRow("a\n", false)]
    public void A_name_is_checked(string name, bool good)
    {
        // A local component's name is nobody's but ours.
        using TemporaryDirectory project = new();
        ComponentReference reference = new()
        {
            Name = name,
            Source = "local",
            Metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Path"] = "." },
            Location = Location,
        };
        AssertProblems(ComponentChecks.Check([reference], project.Path), good ? [] : [$"LAVA1008: '{name}'"]);
    }

    [TestMethod]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", true)]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85", false)]
    [DataRow("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b8555", false)]
    [DataRow("x3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", false)]
    public void A_hash_is_checked(string hash, bool good) =>
        AssertProblems(ComponentChecks.Check([Good with { Sha256 = hash }], "/project"), good ? [] : [$"LAVA1006: '{hash}'"]);

    [TestMethod]
    public void A_name_twice_is_told_once_where_the_last_one_stands()
    {
        ComponentReference last = Good with { Name = "GOOD", Location = new SourceLocation("more.props", 9, 1) };
        IReadOnlyList<Problem> problems = ComponentChecks.Check([Good, Good with { Location = default }, last], "/project");
        Problem problem = problems.Single(problem => problem.Code == "LAVA1004");
        Assert.Contains("3 times", problem.Text);
        Assert.AreEqual(last.Location, problem.Location);
    }

    [TestMethod]
    public void Everything_wrong_is_told_at_once_in_the_projects_order()
    {
        ComponentReference[] references =
        [
            Good with { Name = "aa", Source = "no" },
            Good with { Name = "bb", Version = "" },
            Good with { Name = "cc", Sha256 = "12", Metadata = new Dictionary<string, string> { ["Overrides"] = "x", ["What"] = "?" } },
        ];
        AssertProblems(
            ComponentChecks.Check(references, "/project"),
            ["LAVA1001: 'aa'", "LAVA1003: 'bb'", "LAVA1006: 'cc'", "LAVA1009: 'cc'", "LAVA1005: 'cc'"]);
    }

    [TestMethod]
    public void Each_source_has_a_name_of_its_own_and_is_found_by_it()
    {
        Assert.HasCount(SourceRegistry.Names.Count, SourceRegistry.Names.Distinct(StringComparer.OrdinalIgnoreCase));
        Assert.IsTrue(SourceRegistry.Names.All(name => SourceRegistry.Find(name.ToUpperInvariant())!.Name == name));
        Assert.IsNull(SourceRegistry.Find(""));
    }

    private static void AssertProblems(IReadOnlyList<Problem> problems, string[] expected)
    {
        Assert.HasCount(expected.Length, problems, string.Join(" | ", problems.Select(problem => $"{problem.Code}: {problem.Text}")));
        foreach ((Problem problem, string text) in problems.Zip(expected))
        {
            Assert.AreEqual(text[..8], problem.Code, problem.Text);
            Assert.Contains(text[10..], problem.Text);
            Assert.AreEqual(Severity.Error, problem.Severity);
            Assert.AreEqual(Location, problem.Location);
        }
    }

    private static object?[] Case(string source, string version, string? expected, params (string Name, string Value)[] metadata) =>
        [source, version, expected, metadata.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase)];
}
