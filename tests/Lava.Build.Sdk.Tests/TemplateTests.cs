namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class TemplateTests
{
    private const string Items = """
        <ItemGroup>
          <LavaTemplate Include="settings.template" Destination="etc/settings" Mode="0640" />
          <LavaTemplate Include="settings.template" Destination="share/settings" />
          <LavaValue Include="Colour" Value="green" />
        </ItemGroup>
        """;

    private const UnixFileMode ReadWriteByOwnerReadByGroup = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    [TestMethod]
    public async Task Holes_are_filled_in_the_release_and_in_etc()
    {
        using TestProject project = await BuiltAsync("@{Instance} @{Revision} @{Configuration} @{Colour} @@{Literal}\n");
        const string Expected = "instance 1.0 Debug green @{Literal}\n";
        Assert.AreEqual(Expected, File.ReadAllText(Etc(project)));
        Assert.AreEqual(Expected, File.ReadAllText(Path.Combine(project.Instance, "code", "current", "share", "settings")));
        Assert.AreEqual(ReadWriteByOwnerReadByGroup, File.GetUnixFileMode(Etc(project)));
    }

    [TestMethod]
    public async Task An_unedited_file_follows_its_template()
    {
        using TestProject project = await BuiltAsync("one\n");
        string first = project.CurrentRelease;
        project.Write("settings.template", "two\n");
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("two\n", File.ReadAllText(Etc(project)));
        Assert.AreEqual(ReadWriteByOwnerReadByGroup, File.GetUnixFileMode(Etc(project)));
        Assert.AreNotEqual(first, project.CurrentRelease);
        Assert.AreEqual("one\n", File.ReadAllText(Path.Combine(project.Instance, "code", first, "share", "settings")));
        Assert.IsFalse(File.Exists(Etc(project) + ".new"));
    }

    [TestMethod]
    public async Task An_edited_file_is_kept_and_the_new_text_put_beside_it_with_a_warning()
    {
        using TestProject project = await BuiltAsync("one\n");
        File.WriteAllText(Etc(project), "edited\n");
        (await project.BuildAsync("-t:Rebuild")).Succeeds().DoesNotSay("LAVA4030");

        project.Write("settings.template", "two\n");
        CommandResult result = (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("LAVA4030", result.Warnings.Single().Code);
        Assert.AreEqual(Etc(project), result.Warnings.Single().File);
        Assert.AreEqual("edited\n", File.ReadAllText(Etc(project)));
        Assert.AreEqual("two\n", File.ReadAllText(Etc(project) + ".new"));

        // Said once: the next build has nothing to do.
        Assert.HasCount(0, (await project.BuildAsync()).Succeeds().Warnings);
    }

    [TestMethod]
    public async Task A_deleted_file_stays_deleted()
    {
        using TestProject project = await BuiltAsync("one\n");
        File.Delete(Etc(project));
        (await project.BuildAsync("-t:Rebuild")).Succeeds();
        Assert.IsFalse(File.Exists(Etc(project)));
        project.Write("settings.template", "two\n");
        (await project.BuildAsync()).Succeeds();
        Assert.IsFalse(File.Exists(Etc(project)));
    }

    [TestMethod]
    public async Task Two_configurations_do_not_take_each_others_change_for_an_edit()
    {
        using TestProject project = await BuiltAsync("@{Configuration}\n");
        (await project.BuildAsync("-c", "Release")).Succeeds().DoesNotSay("LAVA4030");
        Assert.AreEqual("Release\n", File.ReadAllText(Etc(project)));
        (await project.BuildAsync()).Succeeds().DoesNotSay("LAVA4030");
        Assert.AreEqual("Debug\n", File.ReadAllText(Etc(project)));
    }

    private static string Etc(TestProject project) => Path.Combine(project.Instance, "etc", "settings");

    private static async Task<TestProject> BuiltAsync(string template)
    {
        TestProject project = TestProject.OfAlpha(more: Items);
        project.Write("settings.template", template);
        (await project.BuildAsync()).Succeeds();
        return project;
    }
}
