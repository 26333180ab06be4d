using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Lava.Build.Sdk.Tests;

/// <summary>The running server and its profile, further instances beside it, and its units.</summary>
public sealed partial class LavaServerTests
{
    private const string Debugged = "DEBUG = True";
    private const double MostExposure = 4.0;

    [TestMethod]
    public async Task All_checks_of_the_server_pass()
    {
        string[] checks = ["home page", "login page", "REST API", "static file", "users in the database", "scheduler", "worker", "system check"];
        CommandResult tested = (await Server.OrdinaryAsync("dotnet", "test", "instance.proj")).Succeeds().Says($"Failed:     0, Passed:     {checks.Length}, Skipped:     0,");
        foreach (string check in checks)
        {
            tested.Says($"  Passed {check} [");
        }
    }

    [TestMethod]
    public async Task A_new_release_renews_stored_queries_and_a_development_instance_takes_up_edited_modules_by_itself()
    {
        using LavaClient stranger = LavaClient.Stranger(Server.Address);
        StringAssert.Contains(Encoding.UTF8.GetString((await stranger.GetAsync("nothing/here/")).Body), Debugged, StringComparison.Ordinal);

        // A view that is not what its query says: only one that is dropped and made again is.
        await ShellAsync($"""
            from django.contrib.auth.models import User
            from django.contrib.contenttypes.models import ContentType
            from django.db import connection
            from lava_results_app.models import Query
            from lava_scheduler_app.models import TestJob
            kind = ContentType.objects.get_for_model(TestJob)
            query = Query.objects.create(owner=User.objects.get(username="{RunningServer.Admin}"), name="stale", is_live=False, content_type=kind)
            connection.cursor().execute(f"CREATE MATERIALIZED VIEW query_{"{"}query.id{"}"} AS SELECT 1 AS stale")
            """);
        string package = Path.Combine(Server["src"], "lava_server");
        (await Server.OrdinaryAsync("mkdir", Server["src"])).Succeeds();
        (await Server.OrdinaryAsync("cp", "-rL", "--no-preserve=mode", Path.Combine(Server.Instance, "code/current/usr/lib/python3/dist-packages/lava_server"), package)).Succeeds();
        // A release's compiled modules count whatever their source says; a checkout has none.
        (await Server.OrdinaryAsync("find", package, "-name", "__pycache__", "-prune", "-exec", "rm", "-r", "{}", "+")).Succeeds();
        (await Server.TargetAsync("Restart", $"-p:LavaDevelop=lava-server={Server["src"]}")).Succeeds();
        await ShellAsync("""
            from lava_results_app.models import Query
            from django.db import connection
            query = Query.objects.get(name="stale")
            cursor = connection.cursor()
            cursor.execute(f"SELECT attname FROM pg_attribute WHERE attrelid = 'query_{query.id}'::regclass AND attnum > 0")
            columns = [row[0] for row in cursor.fetchall()]
            assert "stale" not in columns and "submitter_id" in columns, columns
            query.delete()
            """);

        string views = Path.Combine(package, "views.py");
        JsonNode before = await Server.ServiceAsync("web", state => (string?)state["State"] == "healthy");
        await File.AppendAllTextAsync(views, """


            import functools
            _page = index

            @functools.wraps(_page)
            def index(request):
                answer = _page(request)
                answer.content += b"edited in place"
                return answer

            """);
        await stranger.WaitForPageAsync("", page => page.EndsWith("edited in place", StringComparison.Ordinal));
        JsonNode after = await Server.ServiceAsync("web", state => (string?)state["State"] == "healthy");
        Assert.AreEqual((string?)before["Pid"], (string?)after["Pid"]);
    }

    [TestMethod]
    public async Task An_instance_of_another_release_runs_beside_it()
    {
        int[] ports = WebServer.FreePorts(3);
        string address = RunningServer.AddressOf(ports[0]);
        string[] other =
        [
            "-p:LavaInstance=other", $"-p:LavaPort={ports[0]}", $"-p:LavaPublisherPort={ports[1]}", $"-p:LavaCoordinatorPort={ports[2]}",
            "-p:LavaFeatures=\"publisher;worker;coordinator;docs\"", "-p:LavaWorkerDrain=true", "-c", "Release", $"-p:LavaLockFile={Server["other.lock.json"]}",
        ];
        (await Server.TargetAsync("Start", other)).Succeeds().Says($"other -> {address}");
        try
        {
            Assert.AreNotEqual(TestProject.ReleaseOf(Server.Instance), TestProject.ReleaseOf(Server.InstanceOf("other")));
            using LavaClient first = LavaClient.Stranger(Server.Address);
            Assert.AreEqual(HttpStatusCode.OK, (await first.GetAsync("accounts/login/")).Status);
            await Server.ServiceAsync("coordinator", state => (string?)state["State"] == "healthy", other);

            // Its users are its own.
            using LavaClient stranger = LavaClient.Stranger(address);
            StringAssert.Contains(await stranger.SubmitLoginAsync(RunningServer.Admin, Server.Password), "csrfmiddlewaretoken", StringComparison.Ordinal);
            (HttpStatusCode status, _, byte[] page) = await stranger.GetAsync("nothing/here/");
            Assert.AreEqual(HttpStatusCode.NotFound, status);
            Assert.DoesNotContain(Debugged, Encoding.UTF8.GetString(page));
            (status, _, page) = await stranger.GetAsync("static/docs/v2/index.html");
            Assert.AreEqual(HttpStatusCode.OK, status);
            StringAssert.Contains(Encoding.UTF8.GetString(page), "LAVA", StringComparison.Ordinal);

            await AssertWorkerDrainsAsync(address, other);
        }
        finally
        {
            (await Server.TargetAsync("Stop", other)).Succeeds();
        }
    }

    [TestMethod]
    public async Task A_server_on_a_database_elsewhere_makes_its_tables_once()
    {
        const string Programs = "/usr/lib/postgresql/15/bin/";
        string data = Server["elsewhere"];
        int[] ports = WebServer.FreePorts(3);
        string[] external =
        [
            "-p:LavaInstance=external", $"-p:LavaPort={ports[0]}", $"-p:LavaPublisherPort={ports[1]}", $"-p:DatabasePort={ports[2]}", "-p:LavaServices=web",
            $"-p:LavaLockFile={Server["external.lock.json"]}",
        ];
        string password = await Server.WritePasswordAsync(RunningServer.ElsewherePassword, "of the database");
        (await Server.OrdinaryAsync(
            $"{Programs}initdb", "-D", data, "-U", "lavaserver", $"--pwfile={password}", "--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")).Succeeds();
        (await Server.OrdinaryAsync(
            $"{Programs}pg_ctl", "-D", data, "-w", "-l", $"{data}.log", "-o", $"-p {ports[2]} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off", "start")).Succeeds();
        try
        {
            (await Server.TargetAsync("Start", external)).Succeeds();
            using LavaClient stranger = LavaClient.Stranger(RunningServer.AddressOf(ports[0]));
            StringAssert.Contains(Encoding.UTF8.GetString((await stranger.GetAsync("accounts/login/")).Body), "csrfmiddlewaretoken", StringComparison.Ordinal);
            string instance = Server.InstanceOf("external");
            Assert.IsFalse(File.Exists(Path.Combine(instance, "code/current/bin/initdb")));
            StringAssert.Contains(Log(instance, "upgrade-database"), "Making the tables", StringComparison.Ordinal);

            // Neither once more nor for nothing.
            string said = Log(instance, "upgrade-database");
            string record = await File.ReadAllTextAsync(Path.Combine(instance, "var/steps/upgrade-database"));
            (await Server.TargetAsync("Restart", [.. external, "-p:NoBuild=true"])).Succeeds();
            Assert.AreEqual(said, Log(instance, "upgrade-database"));
            Assert.AreEqual(record, await File.ReadAllTextAsync(Path.Combine(instance, "var/steps/upgrade-database")));
        }
        finally
        {
            await Server.TargetAsync("Stop", external);
            (await Server.OrdinaryAsync($"{Programs}pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")).Succeeds();
        }
    }

    [TestMethod]
    public async Task Systemd_finds_nothing_wrong_with_its_units_and_holds_none_for_exposed()
    {
        if (Environment.UserName != "root")
        {
            Assert.Inconclusive("Only root installs units of the system.");
        }

        string[] services = ["postgresql", "web", "scheduler", "publisher", "coordinator", "worker"];
        string directory = Server["units"];
        Directory.CreateDirectory(directory);
        // The user of the units passes.
        File.SetUnixFileMode(Server[""], File.GetUnixFileMode(Server[""]) | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        // A profile of its own, so that no file of root's lies where the server's owner builds.
        CommandResult installed = await Server.RunAsync(
            "dotnet", "build", "instance.proj", "-t:InstallServices", "-p:LavaInstance=units", "-p:LavaUser=daemon", $"-p:LavaUnitDirectory={directory}",
            "-p:LavaFeatures=\"publisher;worker;coordinator\"", $"-p:LavaLockFile={Server["units.lock.json"]}", "-c", "Units");
        installed.Succeeds().DoesNotSay("LAVA5079");
        string[] files = [.. services.Select(service => Path.Combine(directory, $"lava-units-{service}.service"))];
        CommandResult verified = await Server.RunAsync("systemd-analyze", ["--system", "--man=no", "--recursive-errors=one", "verify", .. files]);
        verified.Succeeds().DoesNotSay("lava-units");
        foreach (string file in files)
        {
            (await Server.RunAsync("systemd-analyze", "security", "--offline=yes", $"--threshold={MostExposure * 10}", "--no-pager", file)).Succeeds();
        }

        Assert.DoesNotContain("drain", await File.ReadAllTextAsync(files[^1]), installed.Output);
    }

    [TestMethod]
    public async Task Who_installs_units_of_a_development_instance_is_warned()
    {
        // It runs already, so nothing comes of it.
        CommandResult installed = (await Server.TargetAsync("InstallServices", $"-p:LavaUnitDirectory={Server["home", "units"]}")).FailsWith("LAVA5061");
        Assert.Contains("LAVA5079", installed.Warnings.Select(warning => warning.Code));
    }

    // A restart of the worker returns when the job is done, not before.
    private static async Task AssertWorkerDrainsAsync(string address, string[] instance)
    {
        string file = await Server.WritePasswordAsync("other.password", Server.Password);
        (await Server.TargetAsync("CreateSuperuser", [.. instance, $"-p:LavaSuperuserPasswordFile={file}"])).Succeeds();
        using LavaClient client = await LavaClient.LogInAsync(address, RunningServer.Admin, Server.Password);
        await Jobs.AddDeviceAsync(client, await Jobs.WorkerAsync(client), "awaited");
        int job = await Jobs.BeginAsync(client);
        (await Server.TargetAsync("Restart", [.. instance, "-p:LavaServices=worker", "-p:NoBuild=true"])).Succeeds();
        Assert.AreEqual("Finished", await Jobs.StateAsync(client, job));
        Assert.AreEqual("Complete", await Jobs.EndAsync(client, job));
        StringAssert.Contains(Log(Server.InstanceOf("other"), "worker"), $"=> 1 jobs ([{job}])", StringComparison.Ordinal);
    }
}
