namespace Lava.Build.Sdk.Tests;

[TestClass]
[TestCategory("Slow")]
public sealed class PartTests
{
    [TestMethod]
    public async Task Directories_get_their_mode_once()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup>
              <LavaDirectory Include="var/data/deep" Mode="0750" />
              <LavaDirectory Include="run/shared" Mode="1777" />
              <LavaDirectory Include="var/plain" />
            </ItemGroup>
            """);
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("750", Mode(project, "var", "data", "deep"));
        Assert.AreEqual("1777", Mode(project, "run", "shared"));
        Assert.AreEqual("755", Mode(project, "var", "plain"));

        // An admin's own mode is not undone.
        File.SetUnixFileMode(Path.Combine(project.Instance, "var", "plain"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (await project.BuildAsync("-t:Rebuild")).Succeeds();
        Assert.AreEqual("700", Mode(project, "var", "plain"));
    }

    [TestMethod]
    public async Task Whatever_mask_a_build_has_its_commands_make_what_all_may_read()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items("""<LavaCommand Include="shows" Command="umask > shown" />"""));
        (await project.RunAsync("sh", "-c", "umask 077; exec dotnet build instance.proj")).Succeeds();
        string shown = Path.Combine(project.Instance, "code", "current", "shown");
        Assert.AreEqual("0022\n", await File.ReadAllTextAsync(shown));
        Assert.IsTrue(File.GetUnixFileMode(shown).HasFlag(UnixFileMode.OtherRead));
    }

    [TestMethod]
    public async Task Links_are_relative_in_the_instance_and_in_the_release()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup>
              <LavaLink Include="share/tools/alpha" To="bin/alpha" />
              <LavaLink Include="share/data" To="var/data" />
              <LavaLink Include="etc/tools" To="code/current/bin" />
              <LavaDirectory Include="var/data" />
            </ItemGroup>
            """);
        (await project.BuildAsync()).Succeeds();
        string release = Path.Combine(project.Instance, "code", "current");
        Assert.AreEqual("../../bin/alpha", new FileInfo(Path.Combine(release, "share", "tools", "alpha")).LinkTarget);
        Assert.AreEqual("../../../var/data", new FileInfo(Path.Combine(release, "share", "data")).LinkTarget);
        Assert.IsTrue(Directory.Exists(Path.Combine(release, "share", "data")));
        Assert.AreEqual("../code/current/bin", new FileInfo(Path.Combine(project.Instance, "etc", "tools")).LinkTarget);
        (await project.RunAsync(Path.Combine(release, "share", "tools", "alpha"))).Succeeds().Says("alpha 1.0");
    }

    [TestMethod]
    public async Task A_link_of_the_instance_follows_its_item()
    {
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items("""<LavaLink Include="var/data" To="var/one" />"""));
        (await project.BuildAsync()).Succeeds();
        project.Describe(TestProject.Items(TestProject.Component("alpha", "1.0"), """<LavaLink Include="var/data" To="var/two" />"""));
        Assert.HasCount(0, (await project.BuildAsync()).Succeeds().Warnings);
        Assert.AreEqual("two", new FileInfo(Path.Combine(project.Instance, "var", "data")).LinkTarget);
    }

    [TestMethod]
    public async Task A_secret_is_made_once_and_only_its_owner_reads_it()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup><LavaSecret Include="etc/keys/secret" Length="40" /></ItemGroup>
            """);
        CommandResult result = (await project.BuildAsync("-v:diag")).Succeeds();
        string file = Path.Combine(project.Instance, "etc", "keys", "secret");
        string secret = File.ReadAllText(file);
        Assert.MatchesRegex(@"\A[A-Za-z0-9]{40}\n\z", secret);
        Assert.AreEqual("600", Mode(project, "etc", "keys", "secret"));
        result.DoesNotSay(secret.Trim());

        project.PackAlpha("2.0");
        project.Describe(TestProject.Items(TestProject.Component("alpha", "2.0"), """<LavaSecret Include="etc/keys/secret" Length="50" />"""));
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual(secret, File.ReadAllText(file));
    }

    [TestMethod]
    [DataRow("hardlink", true)]
    [DataRow("copy", false)]
    public async Task The_link_mode_decides_whether_store_and_cache_share_files(string mode, bool shared)
    {
        using TestProject project = TestProject.OfAlpha(more: $"<PropertyGroup><LavaLinkMode>{mode}</LavaLinkMode></PropertyGroup>");
        (await project.BuildAsync()).Succeeds();
        string program = Directory.GetFiles(Path.Combine(project.Instance, "code", ".store"), "alpha", SearchOption.AllDirectories).Single();
        string links = (await project.RunAsync("stat", "-c", "%h", program)).Succeeds().Output.Trim();
        Assert.AreEqual(shared ? "2" : "1", links);
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds();
    }

    [TestMethod]
    public async Task A_local_component_is_used_in_place()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup><LavaComponent Include="mine" Source="local" Path="checkout" Prefix="share/mine" /></ItemGroup>
            <PropertyGroup><LavaPrimaryComponent>alpha</LavaPrimaryComponent></PropertyGroup>
            """);
        project.Write("checkout/text", "first");
        (await project.BuildAsync()).Succeeds();
        string seen = Path.Combine(project.Instance, "code", "current", "share", "mine", "text");
        Assert.AreEqual("first", File.ReadAllText(seen));
        StringAssert.Contains(File.ReadAllText(Path.Combine(project.Instance, "code", "current", "release.json")), "\"local\": true", StringComparison.Ordinal);
        project.Write("checkout/text", "second");
        Assert.AreEqual("second", File.ReadAllText(seen));
    }

    [TestMethod]
    public async Task A_zip_archive_is_a_component_like_any_other()
    {
        using TestProject project = new(TestProject.Items(
            """<LavaComponent Include="zipped" Source="archive" Version="3" Path="archives/zipped.zip" Prefix="opt/zipped" />"""));
        Archives.Write(project["archives", "zipped.zip"], ("text", "in a zip"));
        (await project.BuildAsync()).Succeeds();
        Assert.AreEqual("in a zip", File.ReadAllText(Path.Combine(project.Instance, "code", "current", "opt", "zipped", "text")));
    }

    [TestMethod]
    public async Task Two_components_that_give_one_path_differently_conflict_until_one_overrides()
    {
        using TestProject project = TestProject.OfAlpha();
        project.Pack("beta", "1.0", ("bin/alpha", "#!/bin/sh\necho beta\n"));
        string alpha = TestProject.Component("alpha", "1.0");
        const string Primary = "<PropertyGroup><LavaPrimaryComponent>alpha</LavaPrimaryComponent></PropertyGroup>";
        project.Describe(Primary + TestProject.Items(alpha, TestProject.Component("beta", "1.0")));
        (await project.BuildAsync()).FailsWith("LAVA4001").Says("'bin/alpha'").Says("'alpha'").Says("'beta'");
        project.Describe(Primary + TestProject.Items(alpha, TestProject.Component("beta", "1.0", "Overrides=\"alpha\"")));
        (await project.BuildAsync()).Succeeds();
        (await project.RunAsync(Path.Combine(project.Instance, "bin", "alpha"))).Succeeds().Says("beta");
    }

    private static string Mode(TestProject project, params string[] path) =>
        Convert.ToString((int)File.GetUnixFileMode(Path.Combine([project.Instance, .. path])), 8);
}
