using System.Net;
using System.Net.Sockets;

namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class DescriptionErrorTests
{
    private const string Archive = """Source="archive" Path="a.tar.gz" """;

    // Code, item, and what its message says. Each item stands on a line of its own in one project.
    private static readonly (string Code, string Item, string[] Words)[] Rows =
    [
        ("LAVA1001", """<LavaComponent Include="c1001" Source="deep" Version="1" />""", ["'c1001'", "'deep'", "deb, archive, local"]),
        ("LAVA1002", """<LavaComponent Include="c1002" Version="1" />""", ["'c1002'", "deb, archive, local"]),
        ("LAVA1003", """<LavaComponent Include="c1003" Source="deb" />""", ["'c1003'", "'deb'"]),
        ("LAVA1003", $"""<LavaComponent Include="c1003b" {Archive}/>""", ["'c1003b'", "'archive'"]),
        ("LAVA1004", """<LavaComponent Include="known;known" Source="deb" Version="1" />""", ["'known'", "2 times"]),
        ("LAVA1005", """<LavaComponent Include="c1005" Source="deb" Version="1" Verison="2" />""", ["'c1005'", "'Verison'", "Did you mean 'Version'?"]),
        ("LAVA1005", """<LavaComponent Include="c1005b" Source="deb" Version="1" Url="http://example.org/a" />""", ["'c1005b'", "'Url'", "'deb'"]),
        ("LAVA1006", """<LavaComponent Include="c1006" Source="deb" Version="1" Sha256="12345" />""", ["'c1006'", "'12345'"]),
        ("LAVA1007", """<LavaComponent Include="c1007" Source="archive" Version="1" Path="../a.tar.gz" />""", ["'c1007'", "'../a.tar.gz'"]),
        ("LAVA1007", """<LavaComponent Include="c1007b" Source="archive" Version="1" Path="/a.tar.gz" />""", ["'c1007b'", "'/a.tar.gz'"]),
        ("LAVA1007", $"""<LavaComponent Include="c1007c" {Archive} Version="1" Prefix="a/../../b" />""", ["'c1007c'", "'a/../../b'"]),
        ("LAVA1007", $"""<LavaComponent Include="c1007d" {Archive} Version="1" Excludes="ok;../no" />""", ["'c1007d'", "'../no'"]),
        ("LAVA1008", """<LavaComponent Include="-c" Source="archive" Version="1" Path="a.zip" />""", ["'-c'"]),
        ("LAVA1009", """<LavaComponent Include="c1009" Source="deb" Version="1" Overrides="nobody" />""", ["'c1009'", "nobody"]),
        ("LAVA1010", $"""<LavaComponent Include="c1010" {Archive} Version="1 2" />""", ["'c1010'", "'1 2'"]),
        ("LAVA1021", """<LavaComponent Include="Upper" Source="deb" Version="1" />""", ["'Upper'"]),
        ("LAVA1022", """<LavaComponent Include="c1022" Source="deb" Version="a" />""", ["'c1022'", "'a'"]),
        ("LAVA1024", """<LavaComponent Include="c1024" Source="archive" Version="1" Format="zip" />""", ["'c1024'", "Url or Path"]),
        ("LAVA1025", """<LavaComponent Include="c1025" Source="archive" Version="1" Url="ftp://example.org/a.zip" />""", ["'c1025'", "ftp://example.org/a.zip"]),
        ("LAVA1026", """<LavaComponent Include="c1026" Source="archive" Version="1" Url="http://me:secret@example.org/a.zip" />""", ["'c1026'", "example.org"]),
        ("LAVA1029", """<LavaComponent Include="c1029" Source="archive" Version="1" Path="a.bin" />""", ["'c1029'", "a.bin"]),
        ("LAVA1030", """<LavaComponent Include="c1030" Source="archive" Version="1" Path="a.bin" Format="rar" />""", ["'c1030'", "'rar'"]),
        ("LAVA1031", """<LavaComponent Include="c1031" Source="local" />""", ["'c1031'"]),
        ("LAVA1032", """<LavaComponent Include="c1032" Source="local" Path="../missing" />""", ["'c1032'", "/missing'"]),
        ("LAVA1050", """<LavaTemplate Include="missing.template" Destination="etc/missing" />""", ["missing.template"]),
        ("LAVA1007", """<LavaTemplate Include="t1007" Destination="../../etc/passwd" />""", ["'../../etc/passwd'", "LavaTemplate"]),
        ("LAVA1051", """<LavaDirectory Include="opt/d1051" />""", ["'opt/d1051'"]),
        ("LAVA1051", """<LavaSecret Include="lib/s1051" />""", ["'lib/s1051'"]),
        ("LAVA1007", """<LavaLink Include="var/l1007" To="../../l1007" />""", ["'../../l1007'", "LavaLink"]),
        ("LAVA1052", """<LavaLauncher Include="a launcher" Command="true" />""", ["'a launcher'"]),
        ("LAVA1053", """<LavaLauncher Include="l1053" />""", ["'l1053'", "Command or EntryPoint"]),
        ("LAVA1053", """<LavaLauncher Include="l1053b" Command="true" EntryPoint="m:f" />""", ["'l1053b'"]),
        ("LAVA1054", """<LavaLauncher Include="l1054" EntryPoint="module.function" />""", ["'l1054'", "'module.function'", "module:function"]),
        ("LAVA1055", """<LavaLauncher Include="l1055" Command="true" Environment="A-B=1" />""", ["'l1055'", "'A-B'"]),
        ("LAVA1056", """<LavaLauncher Include="l1056;l1056" Command="true" />""", ["'bin/l1056'"]),
        ("LAVA1057", """<LavaCommand Include="c1057" />""", ["'c1057'"]),
        ("LAVA1058", """<LavaDirectory Include="var/d1058" Mode="rwx" />""", ["'var/d1058'", "'rwx'", "0750"]),
        ("LAVA1058", """<LavaDirectory Include="var/d1058b" Mode="0798" />""", ["'0798'"]),
        ("LAVA1059", """<LavaCommand Include="c1059" Command="true" Timeout="soon" />""", ["'c1059'", "'soon'"]),
        ("LAVA1060", """<LavaTemplate Include="instance.proj" Destination="etc/t1060" Moed="0600" />""", ["'Moed'", "Did you mean 'Mode'?"]),
    ];

    // All rows and bad properties in one project, with a URL that would be fetched if anything was; run once.
    private static readonly Lazy<Task<(CommandResult Result, string Project, bool Contacted)>> Report = new(RunAsync);

    public static IEnumerable<object[]> Cases => Enumerable.Range(0, Rows.Length).Select(index => new object[] { index });

    public static string CaseName(System.Reflection.MethodInfo method, object[] data)
    {
        (string code, string item, _) = Rows[(int)data[0]];
        return $"{method.Name} {code} {item}";
    }

    [TestMethod]
    [DynamicData(nameof(Cases), DynamicDataDisplayName = nameof(CaseName))]
    public async Task An_error_names_its_item_its_line_and_the_cure(int index)
    {
        (string code, string item, string[] words) = Rows[index];
        (CommandResult result, string project, _) = await Report.Value;
        int line = LineOf(index);
        Diagnostic? error = result.Errors.FirstOrDefault(
            error => error.Code == code && error.Line == line && error.File == project);
        Assert.IsNotNull(error, $"No {code} in line {line} for {item}: {result}");
        foreach (string word in words)
        {
            StringAssert.Contains(error.Text, word, StringComparison.Ordinal);
        }
    }

    [TestMethod]
    [DataRow("LAVA1061", "LavaInstance is 'bad name'")]
    [DataRow("LAVA1061", "LavaLinkMode is 'symlink'")]
    [DataRow("LAVA4036", "LavaPrimaryComponent is 'nobody'")]
    public async Task An_error_of_a_property_names_it_and_its_value(string code, string text)
    {
        (CommandResult result, string project, _) = await Report.Value;
        Assert.IsTrue(
            result.Errors.Any(error => error.Code == code && error.File == project && error.Text.Contains(text, StringComparison.Ordinal)),
            result.ToString());
    }

    [TestMethod]
    public async Task Errors_of_the_description_come_before_any_network_and_without_a_stack()
    {
        (CommandResult result, _, bool contacted) = await Report.Value;
        Assert.AreNotEqual(0, result.ExitCode);
        Assert.IsFalse(contacted, result.ToString());
        result.HasNoStack().DoesNotSay("secret");
        Assert.IsTrue(result.Errors.All(error => error.Code.StartsWith("LAVA", StringComparison.Ordinal)), result.ToString());
    }

    [TestMethod]
    public async Task A_project_without_components_says_so()
    {
        using TestProject project = new("");
        Assert.AreEqual(project.File, (await project.BuildAsync()).FailsWith("LAVA1062").Error("LAVA1062").File);
    }

    [TestMethod]
    public async Task An_unknown_application_is_told_with_those_there_are()
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.BuildAsync("-p:LavaApplication=lavva")).FailsWith("LAVA1063");
        result.Says("'lavva'").Says("Known applications: lava-server");
    }

    [TestMethod]
    public async Task An_unknown_hole_is_told_with_the_line_of_the_template()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup><LavaTemplate Include="settings.template" Destination="etc/settings" /></ItemGroup>
            """);
        project.Write("settings.template", "first\nname = @{Instnce}\nlast = @{\n");
        CommandResult result = (await project.BuildAsync()).FailsWith("LAVA4020", "LAVA4021");
        Diagnostic error = result.Error("LAVA4020");
        Assert.AreEqual(project["settings.template"], error.File);
        Assert.AreEqual(2, error.Line);
        StringAssert.Contains(error.Text, "Did you mean 'Instance'?", StringComparison.Ordinal);
        Assert.AreEqual(3, result.Error("LAVA4021").Line);
        Assert.IsFalse(Path.Exists(Path.Combine(project.Instance, "code", "current")));
    }

    [TestMethod]
    public async Task An_item_of_an_imported_file_is_told_with_that_file()
    {
        using TestProject project = TestProject.OfAlpha(more: """<Import Project="components.props" />""");
        string file = project.Write("components.props", "<Project>\n<ItemGroup>\n<LavaComponent Include=\"beta\" Source=\"deb\" />\n</ItemGroup>\n</Project>");
        Diagnostic error = (await project.RestoreAsync()).FailsWith("LAVA1003").Error("LAVA1003");
        Assert.AreEqual(file, error.File);
        Assert.AreEqual(3, error.Line);
    }

    private static string Body(string url)
    {
        string contacted = $"""<LavaComponent Include="contacted" Source="archive" Version="1" Url="{url}" />""";
        return $"""
            <PropertyGroup><LavaInstance>bad name</LavaInstance><LavaLinkMode>symlink</LavaLinkMode><LavaPrimaryComponent>nobody</LavaPrimaryComponent></PropertyGroup>
            {TestProject.Items([.. Rows.Select(row => row.Item), contacted])}
            """;
    }

    private static int LineOf(int index)
    {
        string text = TestProject.ProjectText(Body("http://127.0.0.1/a.zip"));
        return 1 + text[..text.IndexOf(Rows[index].Item, StringComparison.Ordinal)].Count(character => character == '\n');
    }

    private static async Task<(CommandResult Result, string Project, bool Contacted)> RunAsync()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using TestProject project = new(Body($"http://127.0.0.1:{port}/a.zip"));
        CommandResult result = await project.BuildAsync();
        return (result, project.File, listener.Pending());
    }
}
