using Lava.Build.Components;
using Lava.Build.Diagnostics;

namespace Lava.Build.Tests.Components;

[TestClass]
public sealed class PartChecksTests
{
    private const UnixFileMode Mode = UnixFileMode.UserRead;
    private static readonly string ThisFile = typeof(PartChecksTests).Assembly.Location;
    private static readonly SourceLocation Location = new("instance.proj", 3, 4);
    private static readonly Dictionary<string, string> None = [];

    /// <summary>Parts, and each problem with them: its code and a part of its text.</summary>
    private static IEnumerable<object[]> Cases =>
    [
        [Directory("var/log"), ""],
        [Directory("etc"), ""],
        [Directory("usr"), "LAVA1051: LavaDirectory 'usr'"],
        [Directory("code/x"), "LAVA1051: LavaDirectory 'code/x'"],
        [Directory("etcetera"), "LAVA1051: 'etcetera'"],
        [Directory("/var"), "LAVA1007: '/var'|LAVA1051: '/var'"],
        [Directory("var/../code"), "LAVA1007: 'var/../code'"],
        [Directory("var//x"), "LAVA1007: 'var//x'"],
        [Directory("var/a\nb"), "LAVA1007: var/a"],
        [Directory(""), "LAVA1007: ''|LAVA1051: ''"],
        [Secret("etc/key"), ""],
        [Secret("lib/key"), "LAVA1051: LavaSecret 'lib/key'"],
        [Secret("../key"), "LAVA1007: '../key'|LAVA1051: '../key'"],
        [Template("etc/a"), ""],
        [Template("@{SitePackages}/a.py"), ""],
        [Template("../a"), "LAVA1007: '../a' of 'LavaTemplate'"],
        [Template("/etc/a"), "LAVA1007: '/etc/a'"],
        [Template("etc/a", "/no/such/file"), "LAVA1050: '/no/such/file'"],
        [Link("etc/a", "etc/b"), ""],
        [Link("/etc/a", "etc/b"), "LAVA1007: '/etc/a' of 'LavaLink'"],
        [Link("etc/a", "/etc/b"), "LAVA1007: '/etc/b' of 'LavaLink'"],
        [Link("etc/a", ""), "LAVA1007: ''"],
        [Link("etc/a", "../../b"), "LAVA1007: '../../b'"],
        [Launcher("run", "echo"), ""],
        [Launcher("run.d+2@x-y", "", "a.b:c.d"), ""],
        [Launcher("a/b", "echo"), "LAVA1052: 'a/b'"],
        [Launcher("-a", "echo"), "LAVA1052: '-a'"],
        [Launcher("..", "echo"), "LAVA1052: '..'"],
        [Launcher("a b", "echo"), "LAVA1052: 'a b'"],
        [Launcher("a\n", "echo"), "LAVA1052: 'a\n'"],
        [Launcher("run"), "LAVA1053: 'run'"],
        [Launcher("run", "echo", "a:b"), "LAVA1053: 'run'"],
        [Launcher("run", "", "a"), "LAVA1054: 'a'"],
        [Launcher("run", "", "a:b:c"), "LAVA1054: 'a:b:c'"],
        [Launcher("run", "", "a:b()"), "LAVA1054: 'a:b()'"],
        [Launcher("run", "", "1a:b"), "LAVA1054: '1a:b'"],
        [Launcher("run", "", "a.:b"), "LAVA1054: 'a.:b'"],
        [Launcher("run", "echo", "", "A_1"), ""],
        [Launcher("run", "echo", "", "1A"), "LAVA1055: LavaLauncher 'run' sets the variable '1A'"],
        [Launcher("run", "echo", "", "A="), "LAVA1055: 'A='"],
        [Command("c", "true"), ""],
        [Command("c", ""), "LAVA1057: 'c'"],
        [Command("c", "true", "a b"), "LAVA1055: LavaCommand 'c' sets the variable 'a b'"],
        [
            new InstanceParts { Templates = Template("etc/a").Templates, Links = Link("etc/a", "etc/b").Links },
            "LAVA1056: 'etc/a'",
        ],
        [
            new InstanceParts { Templates = Template("bin/run").Templates, Launchers = Launcher("run", "echo").Launchers },
            "LAVA1056: 'bin/run'",
        ],
        [
            new InstanceParts { Secrets = [.. Secret("etc/k").Secrets, .. Secret("etc/k").Secrets, .. Secret("etc/k").Secrets] },
            "LAVA1056: 'etc/k'",
        ],
        [
            new InstanceParts { Directories = Directory("code").Directories, Commands = Command("c", "").Commands },
            "LAVA1051: 'code'|LAVA1057: 'c'",
        ],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Parts_are_checked(InstanceParts parts, string expected)
    {
        IReadOnlyList<Problem> problems = PartChecks.Check(parts);
        string[] texts = expected.Split('|', StringSplitOptions.RemoveEmptyEntries);
        Assert.HasCount(texts.Length, problems, string.Join(" | ", problems.Select(problem => $"{problem.Code}: {problem.Text}")));
        foreach ((Problem problem, string text) in problems.Zip(texts))
        {
            Assert.AreEqual(text[..8], problem.Code, problem.Text);
            Assert.Contains(text[10..], problem.Text);
            Assert.AreEqual(Location, problem.Location);
            Assert.AreEqual(Severity.Error, problem.Severity);
        }
    }

    private static InstanceParts Directory(string path) => new() { Directories = [new DirectoryPart(path, Mode, Location)] };

    private static InstanceParts Secret(string path) => new() { Secrets = [new SecretPart(path, 50, Location)] };

    private static InstanceParts Template(string destination, string? file = null) =>
        new() { Templates = [new TemplatePart(file ?? ThisFile, destination, Mode, Location)] };

    private static InstanceParts Link(string path, string target) => new() { Links = [new LinkPart(path, target, Location)] };

    private static InstanceParts Launcher(string name, string command = "", string entryPoint = "", string? variable = null) =>
        new() { Launchers = [new LauncherPart(name, command, entryPoint, Variables(variable), "", Location)] };

    private static InstanceParts Command(string name, string command, string? variable = null) =>
        new() { Commands = [new CommandPart(name, command, Variables(variable), TimeSpan.FromSeconds(1), Location)] };

    private static Dictionary<string, string> Variables(string? name) => name is null ? None : new() { [name] = "value" };
}
