using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Lava.Build.Sdk.Tests;

/// <summary>The sample for real, running: from packages to a job that ends, as somebody who is not root.</summary>
[TestClass]
[TestCategory("Slow")]
[DoNotParallelize]
public sealed partial class LavaServerTests
{
    private static RunningServer? _server;

    private static RunningServer Server => _server ?? throw new AssertFailedException("The server did not start");

    public TestContext TestContext { get; set; } = null!;

    [ClassInitialize]
    public static async Task StartAsync(TestContext _) => _server = await RunningServer.StartAsync("publisher;worker");

    [ClassCleanup]
    public static async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [TestMethod]
    [DataRow("", "text/html", "LAVA")]
    [DataRow("accounts/login/", "text/html", "csrfmiddlewaretoken")]
    [DataRow("scheduler/", "text/html", "Scheduler")]
    [DataRow("api/v0.2/system/version/", "application/json", "2023.01")]
    [DataRow("static/lava_server/js/bootbox.js", "text/javascript", "bootbox")]
    [DataRow("static/lava_server/images/logo.png", "image/png", "PNG")]
    public async Task A_page_or_file_is_there_for_everybody(string path, string type, string content)
    {
        using LavaClient stranger = LavaClient.Stranger(Server.Address);
        (HttpStatusCode status, string answered, byte[] body) = await stranger.GetAsync(path);
        Assert.AreEqual(HttpStatusCode.OK, status);
        Assert.AreEqual(type, answered);
        StringAssert.Contains(Encoding.Latin1.GetString(body), content, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Somebody_logs_in_by_the_page_and_nobody_does_with_a_wrong_password()
    {
        using LavaClient client = await Server.LogInAsync();
        Assert.AreEqual(HttpStatusCode.OK, (await client.GetAsync("me/")).Status);
        using LavaClient stranger = LavaClient.Stranger(Server.Address);
        string page = await stranger.SubmitLoginAsync(RunningServer.Admin, "wrong");
        StringAssert.Contains(page, "csrfmiddlewaretoken", StringComparison.Ordinal);
        Assert.DoesNotContain("lava_session", string.Join(' ', stranger.Cookies.GetAllCookies().Select(cookie => cookie.Name)));
    }

    [TestMethod]
    public async Task Both_programming_interfaces_say_the_version()
    {
        using LavaClient client = await Server.LogInAsync();
        Assert.AreEqual("2023.01", (string?)(await client.SendAsync(HttpMethod.Get, "system/version/"))["version"]);
        StringAssert.Contains(await client.CallAsync("system.version"), "<string>2023.01</string>", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_submitted_job_ends_complete_on_the_worker_that_registered_itself()
    {
        using LavaClient client = await Server.LogInAsync();
        string worker = await Jobs.WorkerAsync(client);
        await Jobs.AddDeviceAsync(client, worker, "greeter");
        int job = await Jobs.SubmitAsync(client);
        Assert.AreEqual("Complete", await Jobs.EndAsync(client, job), Log("worker"));
        (_, _, byte[] log) = await client.GetAsync($"api/v0.2/jobs/{job}/logs/");
        StringAssert.Contains(Encoding.UTF8.GetString(log), "hello", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task A_job_survives_the_end_of_its_worker()
    {
        using LavaClient client = await Server.LogInAsync();
        await Jobs.AddDeviceAsync(client, await Jobs.WorkerAsync(client), "survivor");
        JsonNode before = await Server.ServiceAsync("worker", state => (string?)state["State"] == "healthy");
        int job = await Jobs.BeginAsync(client);
        string[] running = ProcessesOf(job);
        Assert.IsNotEmpty(running);
        (await Server.TargetAsync("Restart", "-p:LavaServices=worker", "-p:NoBuild=true")).Succeeds();
        await Server.ServiceAsync("worker", state => IsSuccessor(state, before));
        Assert.IsNotEmpty(running.Intersect(ProcessesOf(job)), Log("worker"));
        Assert.AreEqual("Running", await Jobs.StateAsync(client, job), Log("worker"));
        Assert.AreEqual("Complete", await Jobs.EndAsync(client, job), Log("worker"));
    }

    [TestMethod]
    public async Task The_login_page_and_a_jobs_page_work_in_a_browser()
    {
        using LavaClient client = await Server.LogInAsync();
        await Jobs.AddDeviceAsync(client, await Jobs.WorkerAsync(client), "shown");
        int job = await Jobs.SubmitAsync(client);
        Assert.AreEqual("Complete", await Jobs.EndAsync(client, job), Log("worker"));

        using TestDirectory profile = new();
        await using Browser browser = await Browser.StartAsync(profile.Path);
        await browser.OpenAsync($"{Server.Address}accounts/login/");
        await KeepAsync(browser, "login.png");
        await browser.EvaluateAsync($"""
            document.querySelector('[name=username]').value = '{RunningServer.Admin}';
            document.querySelector('[name=password]').value = '{Server.Password}';
            document.querySelector('[name=password]').form.submit();
            """);
        await browser.WaitAsync($"location.pathname == '/' && document.readyState == 'complete' && document.body.innerText.includes('{RunningServer.Admin}')");
        await browser.OpenAsync($"{Server.Address}scheduler/job/{job}");
        await browser.WaitAsync("document.body.innerText.includes('Job finished correctly')");
        await KeepAsync(browser, "job.png");
        Assert.IsEmpty(browser.Complaints, string.Join('\n', browser.Complaints));
    }

    [TestMethod]
    [DataRow("postgresql")]
    [DataRow("web")]
    [DataRow("scheduler")]
    [DataRow("publisher")]
    [DataRow("worker")]
    public async Task Whatever_is_killed_is_started_again_and_jobs_are_done(string service)
    {
        using LavaClient client = await Server.LogInAsync();
        JsonNode before = await Server.ServiceAsync(service, state => (string?)state["State"] == "healthy");
        (await Server.OrdinaryAsync("/bin/kill", "-KILL", (string)before["Pid"]!)).Succeeds();
        JsonNode after = await Server.ServiceAsync(service, state => IsSuccessor(state, before));
        Assert.AreEqual(int.Parse((string)before["Restarts"]!, CultureInfo.InvariantCulture) + 1, int.Parse((string)after["Restarts"]!, CultureInfo.InvariantCulture));

        await Jobs.AddDeviceAsync(client, await Jobs.WorkerAsync(client), $"after-{service}");
        Assert.AreEqual("Complete", await Jobs.EndAsync(client, await Jobs.SubmitAsync(client)), Log("worker"));
    }

    [TestMethod]
    public async Task No_secret_is_in_a_log_or_on_a_command_line()
    {
        using LavaClient client = await Server.LogInAsync();
        await Jobs.AddDeviceAsync(client, await Jobs.WorkerAsync(client), "secretive");
        int job = await Jobs.SubmitLongAsync(client);
        await client.WaitAsync($"jobs/{job}/", state => (string?)state["state"] == "Running");
        string[] secrets =
        [
            Server.Password,
            client.Token,
            (await File.ReadAllTextAsync(Path.Combine(Server.Instance, "etc/lava-server/secret_key"))).Trim(),
            (await File.ReadAllTextAsync(Path.Combine(Server.Instance, "var/dispatcher/worker/token"))).Trim(),
        ];
        Assert.AreEqual(4, secrets.Count(secret => secret.Length >= 16));

        string[] lines = [.. RunningServer.CommandLines()];
        Assert.IsTrue(lines.Any(line => line.Contains("lava-run", StringComparison.Ordinal) && line.Contains($"--job-id={job}", StringComparison.Ordinal)));
        Assert.IsFalse(lines.Any(line => line.Contains("lava-run", StringComparison.Ordinal) && line.Contains("--token", StringComparison.Ordinal)));
        string logs = Server.Output + BinaryLog() + string.Concat(
            Directory.EnumerateFiles(Path.Combine(Server.Instance, "var/log")).Concat(Directory.EnumerateFiles(Path.Combine(Server.Instance, "run"), "*.json"))
                .Select(File.ReadAllText));
        foreach (string secret in secrets)
        {
            Assert.IsFalse(logs.Contains(secret, StringComparison.Ordinal), "A secret is in a log");
            Assert.IsFalse(lines.Any(line => line.Contains(secret, StringComparison.Ordinal)), "A secret is on a command line");
        }

        Assert.AreEqual("Complete", await Jobs.EndAsync(client, job), Log("worker"));
    }

    [TestMethod]
    public async Task A_database_of_a_newer_release_is_refused_by_its_name()
    {
        await ShellAsync("""
            from lava_instance.models import Upgrade
            from django.db.migrations.recorder import MigrationRecorder
            from django.db import connection
            MigrationRecorder(connection).record_applied("lava_scheduler_app", "9999_future")
            Upgrade.objects.create(release="2099.01+beef", version="2099.01", migrations="lava_scheduler_app.9999_future")
            """);
        try
        {
            CommandResult refused = await Server.OrdinaryAsync(Path.Combine(Server.Instance, "bin", "lava-server"), "manage", "upgrade_database");
            Assert.AreNotEqual(0, refused.ExitCode);
            refused.HasNoStack().Says("LAVA5080: ").Says("2099.01+beef (LAVA 2099.01)").Says("lava_scheduler_app.9999_future");
        }
        finally
        {
            await ShellAsync("""
                from lava_instance.models import Upgrade
                from django.db.migrations.recorder import MigrationRecorder
                from django.db import connection
                MigrationRecorder(connection).record_unapplied("lava_scheduler_app", "9999_future")
                Upgrade.objects.filter(version="2099.01").delete()
                """);
        }

        (await Server.OrdinaryAsync(Path.Combine(Server.Instance, "bin", "lava-server"), "manage", "upgrade_database")).Succeeds().DoesNotSay("makemigrations");
    }

    [TestMethod]
    public Task An_upgrade_that_is_killed_has_left_its_name() => ShellAsync("""
        from django.db import connection
        from django.db.migrations.recorder import MigrationRecorder
        from lava_instance import history, paths
        from lava_instance.management.commands import upgrade_database
        from lava_instance.models import Upgrade
        def killed(*words, **options):
            raise KeyboardInterrupt
        last = max(migration for migration in history.applied() if migration[0] == "lava_scheduler_app")
        recorder = MigrationRecorder(connection)
        known = Upgrade.objects.count()
        upgrade_database.call_command = killed
        recorder.record_unapplied(*last)
        for tries in range(2):
            try:
                upgrade_database.Command().handle(verbosity=1)
            except KeyboardInterrupt:
                pass
        recorder.record_applied(*last)
        newest = Upgrade.objects.order_by("-id").first()
        assert Upgrade.objects.count() == known + 1
        assert (newest.release, newest.migrations) == (paths.RELEASE.name, ".".join(last)), newest.migrations
        newest.delete()
        """);

    private static string Log(string service) => Log(Server.Instance, service);

    private static string Log(string instance, string service) => File.ReadAllText(Path.Combine(instance, "var/log", $"{service}.log"));

    private static bool IsSuccessor(JsonNode state, JsonNode before) => (string?)state["State"] == "healthy" && (string?)state["Pid"] != (string?)before["Pid"];

    // Those of the program that carries a job out.
    private static string[] ProcessesOf(int job) =>
    [
        .. RunningServer.Processes()
            .Where(process => process.CommandLine.Contains("lava-run", StringComparison.Ordinal) && process.CommandLine.Contains($"--job-id={job} ", StringComparison.Ordinal))
            .Select(process => process.Id),
    ];

    private static string BinaryLog()
    {
        using GZipStream log = new(File.OpenRead(Server["superuser.binlog"]), CompressionMode.Decompress);
        using MemoryStream whole = new();
        log.CopyTo(whole);
        string text = Encoding.UTF8.GetString(whole.ToArray());
        // Or it would be no wonder that nothing else is found.
        StringAssert.Contains(text, "RunLavaProgramWithPassword", StringComparison.Ordinal);
        return text;
    }

    private static async Task ShellAsync(string python) =>
        (await Server.OrdinaryAsync(Path.Combine(Server.Instance, "bin", "lava-server"), "manage", "shell", "-c", python)).Succeeds();

    // For whoever wants to see what the test saw.
    private async Task KeepAsync(Browser browser, string name)
    {
        byte[] picture = await browser.ShootAsync();
        Assert.IsGreaterThan(10_000, picture.Length);
        string file = Path.Combine(TestContext.TestRunResultsDirectory ?? Path.GetTempPath(), name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllBytesAsync(file, picture);
        TestContext.AddResultFile(file);
    }
}
