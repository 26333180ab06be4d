using System.Text.Json.Nodes;

namespace Lava.Build.Sdk.Tests;

/// <summary>What <c>LavaFeatures</c> does to a LAVA server's description.</summary>
[TestClass]
public sealed class FeatureTests
{
    private const string Server = """
        <PropertyGroup><LavaApplication>lava-server</LavaApplication></PropertyGroup>
        <ItemGroup><LavaComponent Include="lava-server" Source="deb" Version="2023.01-2" /></ItemGroup>
        """;

    [TestMethod]
    public async Task A_misspelled_feature_is_told_with_the_one_that_was_meant()
    {
        using TestProject project = new(Server);
        (await project.BuildAsync("-p:LavaFeatures=pubisher")).FailsWith("LAVA1085").Says("Did you mean 'publisher'?");
        (await project.BuildAsync("-p:LavaFeatures=everything")).FailsWith("LAVA1085").Says("coordinator, docs, publisher, worker");
        (await project.BuildAsync("-p:LavaFeatures=database")).FailsWith("LAVA1085");
    }

    [TestMethod]
    public async Task A_feature_brings_components_and_a_service_and_only_if_it_is_named()
    {
        using TestProject project = new(Server);
        JsonNode without = await ItemsAsync(project, "LavaComponent,LavaService");
        CollectionAssert.AreEqual((string[])["web", "scheduler"], Names(without, "LavaService"));
        Assert.DoesNotContain("python3-aiohttp", Names(without, "LavaComponent"));
        Assert.Contains("postgresql-15", Names(without, "LavaComponent"));

        // Blanks, line breaks and case do not matter.
        JsonNode with = await ItemsAsync(project, "LavaComponent,LavaService", "-p:LavaFeatures=\" Worker;\tdocs \"");
        CollectionAssert.AreEqual((string[])["web", "scheduler", "worker"], Names(with, "LavaService"));
        CollectionAssert.IsSubsetOf((string[])["lava-dispatcher", "python3-aiohttp", "lava-server-doc"], Names(with, "LavaComponent"));
        Assert.HasCount(Names(with, "LavaComponent").Distinct().Count(), Names(with, "LavaComponent"));
    }

    [TestMethod]
    [DataRow("false", "", false)]
    [DataRow("true", "SIGINT", true)]
    public async Task A_stop_of_the_worker_waits_for_its_jobs_only_if_the_project_says_so(string drain, string signal, bool waits)
    {
        using TestProject project = new(Server);
        JsonNode items = await ItemsAsync(project, "LavaService", "-p:LavaFeatures=worker", $"-p:LavaWorkerDrain={drain}");
        JsonNode worker = items["Items"]!["LavaService"]!.AsArray().Single(item => (string?)item!["Identity"] == "worker")!;
        Assert.AreEqual(signal, (string?)worker["DrainSignal"] ?? "");
        Assert.AreEqual(waits, ((string)worker["Arguments"]!).Split(';').Contains("--wait-jobs"));
    }

    [TestMethod]
    public async Task What_the_project_lists_itself_wins_over_a_features_component()
    {
        using TestProject project = new(Server + """<ItemGroup><LavaComponent Include="python3-aiohttp" Source="deb" Version="9-1" /></ItemGroup>""");
        JsonNode items = await ItemsAsync(project, "LavaComponent", "-p:LavaFeatures=publisher");
        JsonNode only = items["Items"]!["LavaComponent"]!.AsArray().Single(item => (string?)item!["Identity"] == "python3-aiohttp")!;
        Assert.AreEqual("9-1", (string?)only["Version"]);
    }

    [TestMethod]
    public async Task A_database_elsewhere_needs_no_server_of_the_instances_own()
    {
        using TestProject project = new(Server + """<ItemGroup><LavaDatabase Include="lab" Host="database.example.com" /></ItemGroup>""");
        JsonNode items = await ItemsAsync(project, "LavaComponent,LavaDatabase");
        CollectionAssert.AreEqual((string[])["lab"], Names(items, "LavaDatabase"));
        Assert.DoesNotContain("postgresql-15", Names(items, "LavaComponent"));
    }

    [TestMethod]
    [DataRow("127.0.0.1", "127.0.0.1:8010", "http://127.0.0.1:8010/lab/")]
    [DataRow("0.0.0.0", "0.0.0.0:8010", "http://127.0.0.1:8010/lab/")]
    [DataRow("::", "[::]:8010", "http://[::1]:8010/lab/")]
    [DataRow("fd00::1", "[fd00::1]:8010", "http://[fd00::1]:8010/lab/")]
    public async Task The_web_server_is_reached_where_it_listens(string bind, string listens, string address)
    {
        using TestProject project = new(Server);
        JsonNode items = await ItemsAsync(project, "LavaService", $"-p:LavaBind={bind}", "-p:LavaPort=8010", "-p:LavaWebLocation=/lab");
        JsonNode web = items["Items"]!["LavaService"]![0]!;
        Assert.AreEqual(listens, (string?)web["Listens"]);
        Assert.AreEqual($"{address}accounts/login/", (string?)web["HealthHttp"]);
    }

    private static async Task<JsonNode> ItemsAsync(TestProject project, string items, params string[] arguments) =>
        JsonNode.Parse((await project.DotNetAsync(["msbuild", "instance.proj", $"-getItem:{items}", .. arguments])).Succeeds().Output)!;

    private static string[] Names(JsonNode items, string type) => [.. items["Items"]![type]!.AsArray().Select(item => (string)item!["Identity"]!)];
}
