using System.Text.Json;

namespace Lava.Build.Sdk.Tests;

[TestClass]
public sealed class EvaluationTests
{
    private const string Names =
        "LavaInstance,LavaPrefix,LavaInstanceRoot,LavaCacheRoot,LavaLockFile,LavaLockedMode,LavaOffline,LavaLinkMode,LavaPython,LavaRevision,"
        + "LavaPrimaryComponent,LavaApplication,LavaArchitecture,LavaMaxEntries,LavaMaxUnpackedBytes,LavaMaxRatio,LavaTransferTimeout,"
        + "LavaIdleTimeout,LavaRetries,Configuration,UsingLavaBuildSdk,TargetFramework";

    [TestMethod]
    public async Task Every_property_has_its_documented_default()
    {
        using TestProject project = TestProject.OfAlpha();
        await AssertPropertiesAsync(project, [], new()
        {
            ["LavaInstance"] = "instance",
            ["LavaPrefix"] = $"{project.Path}/instances/",
            ["LavaInstanceRoot"] = $"{project.Path}/instances/instance",
            ["LavaCacheRoot"] = $"{project.Path}/cache/lava-build",
            ["LavaLockFile"] = $"{project.Path}/instance.lock.json",
            ["LavaLockedMode"] = "false",
            ["LavaOffline"] = "false",
            ["LavaLinkMode"] = "hardlink",
            ["LavaPython"] = "/usr/bin/python3",
            ["LavaRevision"] = "",
            ["LavaPrimaryComponent"] = "",
            ["LavaApplication"] = "",
            ["LavaArchitecture"] = "",
            ["LavaMaxEntries"] = "500000",
            ["LavaMaxUnpackedBytes"] = "8589934592",
            ["LavaMaxRatio"] = "200",
            ["LavaTransferTimeout"] = "1800",
            ["LavaIdleTimeout"] = "30",
            ["LavaRetries"] = "4",
            ["Configuration"] = "Debug",
            ["UsingLavaBuildSdk"] = "true",
            ["TargetFramework"] = "net10.0",
        });
    }

    [TestMethod]
    [DataRow("/packages")]
    [DataRow("/packages/")]
    public async Task The_compiler_of_native_code_is_found_among_the_packages_with_and_without_a_slash(string root)
    {
        CommandResult result = await Command.RunAsync(
            "dotnet", Path.Combine(Repository.Root, "src", "Lava.Build.Tasks"), new Dictionary<string, string>(), "msbuild", "-t:_DescribeAhead", "-p:CompileTasksAhead=true", $"-p:NuGetPackageRoot={root}", "-getProperty:_AheadCompiler");
        StringAssert.StartsWith(result.Succeeds().Output, "/packages/microsoft.netcore.app.crossgen2.linux-x64/", StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("LavaInstance=other", "LavaInstanceRoot", "{project}/instances/other")]
    [DataRow("LavaPrefix=below", "LavaInstanceRoot", "{project}/below/instance", DisplayName = "A prefix may be relative and lack its slash")]
    [DataRow("LavaPrefix=/srv/lava/", "LavaInstanceRoot", "/srv/lava/instance")]
    [DataRow("LavaInstanceRoot=../elsewhere/", "LavaInstanceRoot", "{parent}/elsewhere")]
    [DataRow("LavaCacheRoot=own/cache/", "LavaCacheRoot", "{project}/own/cache")]
    [DataRow("LavaLockFile=locks/amd64.json", "LavaLockFile", "{project}/locks/amd64.json")]
    [DataRow("NuGetLockFilePath=named.json", "LavaLockFile", "{project}/named.json")]
    [DataRow("ContinuousIntegrationBuild=true", "LavaLockedMode", "true")]
    [DataRow("RestoreLockedMode=true", "LavaLockedMode", "true")]
    [DataRow("LavaLinkMode=copy", "LavaLinkMode", "copy")]
    public async Task A_property_given_decides_what_depends_on_it(string given, string name, string expected)
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.DotNetAsync("msbuild", "instance.proj", $"-p:{given}", $"-getProperty:{name}")).Succeeds();
        string wanted = expected
            .Replace("{project}", project.Path, StringComparison.Ordinal)
            .Replace("{parent}", Path.GetDirectoryName(project.Path), StringComparison.Ordinal);
        Assert.AreEqual(wanted, result.Output.Trim());
    }

    [TestMethod]
    [DataRow("", DisplayName = "XDG_CACHE_HOME is empty")]
    [DataRow("relative/cache", DisplayName = "XDG_CACHE_HOME is relative, which its specification says to ignore")]
    public async Task Without_a_usable_XDG_CACHE_HOME_the_cache_is_in_the_home_directory(string value)
    {
        using TestProject project = TestProject.OfAlpha();
        project.SetVariable("XDG_CACHE_HOME", value);
        project.SetVariable("HOME", project["home"]);
        Directory.CreateDirectory(project["home"]);
        CommandResult result = (await project.DotNetAsync("msbuild", "instance.proj", "-getProperty:LavaCacheRoot")).Succeeds();
        Assert.AreEqual(project["home", ".cache", "lava-build"], result.Output.Trim());
    }

    [TestMethod]
    public async Task Components_are_items_that_other_tools_can_ask_for()
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.DotNetAsync("msbuild", "instance.proj", "-getItem:LavaComponent")).Succeeds();
        using JsonDocument answer = JsonDocument.Parse(result.Output);
        JsonElement component = answer.RootElement.GetProperty("Items").GetProperty("LavaComponent").EnumerateArray().Single();
        Assert.AreEqual("alpha", component.GetProperty("Identity").GetString());
        Assert.AreEqual("archive", component.GetProperty("Source").GetString());
        Assert.AreEqual("1.0", component.GetProperty("Version").GetString());
    }

    [TestMethod]
    public async Task The_result_of_Build_is_the_instance_and_its_release()
    {
        using TestProject project = TestProject.OfAlpha();
        CommandResult result = (await project.BuildAsync("-getTargetResult:Build")).Succeeds();
        using JsonDocument answer = JsonDocument.Parse(result.Output);
        JsonElement build = answer.RootElement.GetProperty("TargetResults").GetProperty("Build");
        Assert.AreEqual("Success", build.GetProperty("Result").GetString());
        JsonElement item = build.GetProperty("Items").EnumerateArray().Single();
        Assert.AreEqual(project.Instance, item.GetProperty("Identity").GetString());
        Assert.AreEqual(project.CurrentRelease, item.GetProperty("Release").GetString());
    }

    private static async Task AssertPropertiesAsync(TestProject project, string[] arguments, Dictionary<string, string> expected)
    {
        CommandResult result = (await project.DotNetAsync(["msbuild", "instance.proj", $"-getProperty:{Names}", .. arguments])).Succeeds();
        using JsonDocument answer = JsonDocument.Parse(result.Output);
        Dictionary<string, string?> actual = answer.RootElement.GetProperty("Properties").EnumerateObject()
            .ToDictionary(property => property.Name, property => property.Value.GetString());
        foreach ((string name, string value) in expected)
        {
            Assert.AreEqual(value, actual[name], name);
        }
    }
}
