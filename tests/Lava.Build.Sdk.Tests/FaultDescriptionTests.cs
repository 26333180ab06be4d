namespace Lava.Build.Sdk.Tests;

/// <summary>Typing errors and the like: one line each, with the place and what was meant.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class FaultDescriptionTests
{
    // An item with one mistake, the code, and what the message says.
    private static readonly (string Item, string Code, string Words)[] Mistakes =
    [
        ("""<LavaComponnt Include="beta" Source="archive" Version="1" Path="b.zip" />""", "LAVA1065", "item 'LavaComponnt'|Did you mean 'LavaComponent'?"),
        ("""<LvaDirectory Include="var/x" />""", "LAVA1065", "item 'LvaDirectory'|Did you mean 'LavaDirectory'?"),
        ("""<LavaComponent Include="beta" Surce="archive" Version="1" Path="b.zip" />""", "LAVA1005", "'beta'|'Surce'|Did you mean 'Source'?"),
        ("""<LavaComponent Include="beta" Source="archive" Verison="1" Path="b.zip" />""", "LAVA1005", "'beta'|'Verison'|Did you mean 'Version'?"),
        ("""<LavaComponent Include="beta" Source="archive" Version="1" Pth="b.zip" />""", "LAVA1005", "'beta'|'Pth'|Did you mean 'Path'?"),
        ("""<LavaComponent Include="beta" Source="deb" Version="1 2" />""", "LAVA1022", "'beta'|'1 2'|3:3.2.25-0+deb12u3"),
        ("""<LavaComponent Include="Beta_" Source="deb" Version="1" />""", "LAVA1021", "'Beta_'|lower-case"),
        ("""<LavaCommand Include="check" Comand="true" />""", "LAVA1060", "LavaCommand 'check'|'Comand'|Did you mean 'Command'?"),
        ("""<LavaLink Include="var/x" T0="var/y" />""", "LAVA1060", "LavaLink 'var/x'|'T0'|Did you mean 'To'?"),
        ("""<LavaComponent Include="beta" Source="archive" Version="1" Path="b.zip" Overrides="alpa" />""", "LAVA1009", "'beta'|\"alpa\"|Did you mean 'alpha'?"),
    ];

    [TestMethod]
    public async Task One_mistake_in_an_item_is_one_line_with_its_place()
    {
        using TestProject project = await Faults.BuiltAsync();
        foreach ((string item, string code, string words) in Mistakes)
        {
            string body = TestProject.Items(TestProject.Component("alpha", "1.0"), item);
            project.Describe(body);
            Diagnostic error = await project.AssertFaultAsync(await project.RestoreAsync(), code, words.Split('|'));
            Assert.AreEqual(project.File, error.File);
            string text = TestProject.ProjectText(body);
            Assert.AreEqual(1 + text[..text.IndexOf(item, StringComparison.Ordinal)].Count(letter => letter == '\n'), error.Line);
        }
    }

    [TestMethod]
    [DataRow("LavaPrimaryComponet", "LavaPrimaryComponent")]
    public async Task A_misspelled_property_is_told_wherever_it_is_written(string written, string meant)
    {
        using TestProject project = await Faults.BuiltAsync();
        string property = $"<PropertyGroup>\n<{written}>alpha</{written}>\n</PropertyGroup>";
        string[] words = [$"property '{written}'", $"Did you mean '{meant}'?"];
        string alpha = TestProject.Items(TestProject.Component("alpha", "1.0"));

        project.Describe(property + alpha);
        Diagnostic error = await project.AssertFaultAsync(await project.RestoreAsync(), "LAVA1065", words);
        Assert.AreEqual(project.File, error.File);
        Assert.AreNotEqual(0, error.Line);

        string import = project.Write("more.props", $"<Project>{property}</Project>");
        project.Describe("""<Import Project="$(MSBuildThisFileDirectory)more.props" />""" + alpha);
        error = await project.AssertFaultAsync(await project.RestoreAsync(), "LAVA1065", words);
        Assert.AreEqual(import, error.File);
        Assert.AreEqual(2, error.Line);

        project.Describe(alpha);
        await project.AssertFaultAsync(await project.RestoreAsync($"-p:{written}=alpha"), "LAVA1065", words);
        string above = project.Write("Directory.Build.props", $"<Project>{property}</Project>");
        Assert.AreEqual(above, (await project.AssertFaultAsync(await project.RestoreAsync(), "LAVA1065", words)).File);
        File.Delete(above);
        await project.AssertConvergesAsync("1.0");
    }

    [TestMethod]
    public async Task Names_of_the_users_own_are_left_alone()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <PropertyGroup><LavaSite>here</LavaSite><JavaPrefix>x</JavaPrefix><LogLink>x</LogLink></PropertyGroup>
            <ItemGroup><LavaDispatcher Include="one" /><Link Include="two" /></ItemGroup>
            """);
        (await project.BuildAsync("-p:Label=x")).Succeeds();
    }

    [TestMethod]
    [DataRow("LavaOffline=maybe", "LavaOffline is 'maybe'")]
    [DataRow("LavaLockedMode=2", "LavaLockedMode is '2'")]
    public async Task A_switch_that_is_neither_true_nor_false_is_told(string property, string words)
    {
        using TestProject project = await Faults.BuiltAsync();
        await project.AssertFaultAsync(await project.RestoreAsync($"-p:{property}", "--force"), "LAVA1061", words, "Use true or false");
        await project.AssertConvergesAsync("1.0", "-p:LavaOffline=ON");
    }

    [TestMethod]
    public async Task A_component_that_is_listed_twice_is_told_with_both_places()
    {
        using TestProject project = await Faults.BuiltAsync();
        string alpha = TestProject.Component("alpha", "1.0");
        project.Write("more.props", $"<Project>\n<ItemGroup>\n\n{alpha}\n</ItemGroup></Project>");
        project.Describe($"<Import Project=\"more.props\" />{TestProject.Items(alpha, "", alpha)}");
        Diagnostic error = await project.AssertFaultAsync(await project.RestoreAsync(), "LAVA1004", "'alpha' is listed 3 times");
        StringAssert.Contains(error.Text, $"more.props(4), instance.proj({error.Line - 2}), instance.proj({error.Line}).", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_primary_component_that_is_misspelled_is_told_with_the_one_that_was_meant()
    {
        using TestProject project = await Faults.BuiltAsync();
        await project.AssertFaultAsync(await project.BuildAsync("-p:LavaPrimaryComponent=alhpa"), "LAVA4036", "'alhpa'", "Did you mean 'alpha'?");
    }

    [TestMethod]
    // What the lock file is turned into, and what the message says.
    [DataRow("", "it is empty")]
    [DataRow("<<<<<<< HEAD\n{}\n", "the marks of a merge with conflicts")]
    [DataRow("{ version }", "it is not JSON")]
    public async Task A_lock_file_that_is_none_is_told_with_what_it_looks_like(string text, string words)
    {
        using TestProject project = await Faults.BuiltAsync();
        string good = project.Read("instance.lock.json");
        project.Write("instance.lock.json", text);
        CommandResult result = await project.RestoreAsync();
        result.DoesNotSay("LineNumber").DoesNotSay("BytePosition");
        Assert.AreEqual(project.LockFile, (await project.AssertFaultAsync(result, "LAVA1012", words, "Take it from version control")).File);
        File.WriteAllText(project.LockFile, good, new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));
        await project.AssertConvergesAsync("1.0", "-p:LavaLockedMode=true");
    }

    [TestMethod]
    public async Task A_misspelled_project_is_told_by_MSBuild_and_explained_in_the_documentation()
    {
        using TestProject project = await Faults.BuiltAsync();
        CommandResult result = await project.DotNetAsync("build", "instnce.proj");
        await AssertToldByMSBuildAsync(project, result, "MSB1009");
        result.Says("instnce.proj");

        project.Write("instance.proj", """<Project Sdk="Lava.Biuld.Sdk" />""");
        result = await project.RestoreAsync();
        await AssertToldByMSBuildAsync(project, result, "MSB4236");
        result.Says("Lava.Biuld.Sdk");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0")));
        await project.AssertConvergesAsync("1.0");
    }

    private static async Task AssertToldByMSBuildAsync(TestProject project, CommandResult result, string code)
    {
        Faults.AssertToldOnce(result, code);
        StringAssert.Contains(File.ReadAllText(Path.Combine(Repository.Root, "docs", "errors.md")), $"| {code} |", StringComparison.Ordinal);
        Faults.AssertCacheIsWhole(project.Cache);
        string[] faults = [.. Fire.InstanceCheck.ReleaseFaults(project.Instance), .. Fire.InstanceCheck.Leftovers(project.Instance)];
        Assert.IsEmpty(faults, string.Join('\n', faults));
        await project.AssertRunsAsync("1.0");
    }
}
