using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class DevelopedComponentTests
{
    private static readonly SourceLocation Location = new("/p/instance.proj");
    private static readonly string[] Names = ["lava-server", "@scope/tool", "hello"];

    [TestMethod]
    public void Each_entry_names_a_component_its_directory_and_where_Python_looks()
    {
        using TemporaryDirectory project = new();
        Directory.CreateDirectory(Path.Combine(project.Path, "a"));
        List<Problem> problems = [];
        IReadOnlyList<DevelopedComponent> read = DevelopedComponent.Read(" hello = a/ ; @scope/tool=/tmp:.:src/:lib ;", Names, project.Path, Location, problems);
        Assert.IsEmpty(problems);
        Assert.HasCount(2, read);
        Assert.AreEqual(("hello", "a/", Path.Combine(project.Path, "a"), ""), Parts(read[0]));
        Assert.AreEqual(("@scope/tool", "/tmp", "/tmp", ",src,lib"), Parts(read[1]));
    }

    [TestMethod]
    public void Nothing_asks_for_nothing() => Assert.IsEmpty(DevelopedComponent.Read("", Names, "/", Location, []));

    [TestMethod]
    [DataRow("hello", "LAVA1086", "'hello'")]
    [DataRow("=/tmp", "LAVA1086", "'=/tmp'")]
    [DataRow("hello=", "LAVA1086", "Say which directory")]
    [DataRow("hello=:src", "LAVA1086", "Say which directory")]
    [DataRow("hello=/tmp;hello=/usr", "LAVA1086", "named before")]
    [DataRow("lava-sever=/tmp", "LAVA1087", "Did you mean 'lava-server'?")]
    [DataRow("hello=/tmp:../other", "LAVA1007", "'../other' of 'hello'")]
    [DataRow("hello=/tmp:/usr", "LAVA1007", "'/usr' of 'hello'")]
    [DataRow("hello=/nowhere", "LAVA1032", "'/nowhere' does not exist")]
    public void What_cannot_be_used_is_told_with_what_to_do(string text, string code, string words)
    {
        List<Problem> problems = [];
        DevelopedComponent.Read(text, Names, "/", Location, problems);
        Assert.AreEqual(code, problems.Single().Code);
        Assert.Contains(words, problems.Single().Text);
    }

    [TestMethod]
    public void All_that_is_wrong_is_told_together()
    {
        List<Problem> problems = [];
        Assert.HasCount(1, DevelopedComponent.Read("x;helo=/tmp;hello=/tmp", Names, "/", Location, problems));
        CollectionAssert.AreEqual(new[] { "LAVA1086", "LAVA1087" }, problems.Select(problem => problem.Code).ToArray());
    }

    [TestMethod]
    [DataRow("Debug", false, "")]
    [DataRow("Release", false, "Warning LAVA1088 pinned, Warning LAVA1088 local")]
    [DataRow("release", false, "Warning LAVA1088 pinned, Warning LAVA1088 local")]
    [DataRow("Debug", true, "Error LAVA1089 pinned")]
    [DataRow("Release", true, "Error LAVA1089 pinned, Error LAVA1089 local")]
    public void Directories_are_for_development_instances(string configuration, bool locked, string expected)
    {
        ComponentReference[] references =
        [
            new() { Name = "pinned", Source = "deb", Version = "1" },
            new() { Name = "other", Source = "deb", Version = "1" },
            new() { Name = "local", Source = "Local", Metadata = new Dictionary<string, string> { ["Path"] = "../local" } },
        ];
        DevelopedComponent[] developed = [new("pinned", "../pinned", "/pinned", [])];
        Problem[] problems = [.. DevelopedComponent.CheckUse(references, developed, configuration, locked, "/p/instance.proj")];
        Assert.AreEqual(expected, string.Join(", ", problems.Select(problem => $"{problem.Severity} {problem.Code} {problem.Text.Split('\'')[1]}")));
        Assert.IsTrue(problems.All(problem => problem.Text.Contains($"'../{problem.Text.Split('\'')[1]}'", StringComparison.Ordinal)));
    }

    private static (string, string, string, string) Parts(DevelopedComponent component) =>
        (component.Name, component.Path, component.Directory, string.Join(',', component.PythonPath));
}
