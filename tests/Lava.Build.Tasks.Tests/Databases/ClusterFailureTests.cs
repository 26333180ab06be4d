using Lava.Build.Databases;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>What keeps the instance's own PostgreSQL from running is told, each by its real cause.</summary>
[TestClass]
public sealed class ClusterFailureTests
{
    private static readonly Dictionary<string, string?> NoVariables = [];

    [TestMethod]
    public async Task Root_is_refused()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        foreach (string script in (string[])[DatabaseFiles.ClusterScript, "bin/postgres"])
        {
            Ran ran = OrdinaryUser.IsRoot
                ? await Run.ProgramAsync(instance.InRelease(script), [])
                : await Run.ProgramAsync("unshare", ["--map-root-user", "--", instance.InRelease(script)]);
            Assert.AreEqual(1, ran.ExitCode);
            Assert.StartsWith("LAVA5030: PostgreSQL does not run as root.", ran.Error);
        }

        Assert.IsFalse(Directory.Exists(instance.Data));
    }

    [TestMethod]
    public async Task A_user_without_a_name_is_refused()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        string[] nobody = OrdinaryUser.IsRoot ? ["setpriv", "--reuid=54321", "--clear-groups", "--"] : ["unshare", "--map-user=54321", "--"];
        Ran ran = await Run.ProgramAsync(nobody[0], [.. nobody[1..], instance.InRelease(DatabaseFiles.ClusterScript)]);
        Assert.AreEqual(1, ran.ExitCode);
        Assert.StartsWith("LAVA5030: PostgreSQL does not run as a user without a name, and the one with the id 54321 has none.", ran.Error);
    }

    [TestMethod]
    [DataRow("var/postgresql/13/main")]
    [DataRow("var/postgresql/15/main")]
    public async Task Data_of_another_version_are_refused_with_both_versions(string place)
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Directory.CreateDirectory(instance.At(place));
        await File.WriteAllTextAsync(instance.At(place + "/PG_VERSION"), "13\n");
        await OrdinaryUser.OwnAsync(instance.At("var"));
        string said = await instance.ClusterAsync();
        Assert.StartsWith($"1: LAVA5031: The data in '{instance.At(place)}' are of PostgreSQL 13, and this release has PostgreSQL 15. Use the components postgresql-13", said);
        if (place.Contains("15", StringComparison.Ordinal))
        {
            Assert.StartsWith("LAVA5031: ", await instance.FailToStartAsync());
        }
    }

    [TestMethod]
    public async Task A_new_cluster_beside_an_old_one_is_used()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        Directory.CreateDirectory(instance.At("var/postgresql/13/main"));
        await File.WriteAllTextAsync(instance.At("var/postgresql/13/main/PG_VERSION"), "13\n");
        Assert.AreEqual("", await instance.ClusterAsync());
    }

    [TestMethod]
    public async Task Data_of_another_user_are_refused_with_his_name()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        if (!OrdinaryUser.IsRoot)
        {
            Assert.Inconclusive("Only root can be another user.");
        }

        foreach (string script in (string[])[DatabaseFiles.ClusterScript, "bin/postgres"])
        {
            Ran ran = await Run.ProgramAsync("setpriv", ["--reuid=daemon", "--regid=daemon", "--clear-groups", "--", instance.InRelease(script)]);
            Assert.AreNotEqual(0, ran.ExitCode);
            Assert.StartsWith($"LAVA5032: ", ran.Error);
            Assert.Contains($"belongs to {OrdinaryUser.Name} (uid {OrdinaryUser.FallbackId})", ran.Error);
            Assert.Contains("daemon", ran.Error);
        }
    }

    [TestMethod]
    public async Task What_is_no_cluster_is_not_touched()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Directory.CreateDirectory(instance.Data);
        await File.WriteAllTextAsync(Path.Combine(instance.Data, "mine"), "");
        await OrdinaryUser.OwnAsync(instance.At("var"));
        Assert.StartsWith($"1: LAVA5033: '{instance.Data}' is no cluster of PostgreSQL: it has no file PG_VERSION.", await instance.ClusterAsync());
        Assert.StartsWith("LAVA5033: ", await instance.FailToStartAsync());
        File.Delete(Path.Combine(instance.Data, "mine"));
        Assert.AreEqual("", await instance.ClusterAsync());
    }

    [TestMethod]
    public async Task A_start_without_a_cluster_says_what_makes_one()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.StartsWith($"LAVA5033: There is no cluster '{instance.Data}'. The step database-cluster makes it", await instance.FailToStartAsync());
    }

    [TestMethod]
    public async Task Too_long_a_socket_path_is_told_with_the_limit_before_anything_is_made()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync(name: new string('l', 100));
        string place = instance.At("run/postgresql/.s.PGSQL.5432");
        Assert.StartsWith($"1: LAVA5036: The socket '{place}' has {place.Length} bytes in its path, and the limit is 107. Use a shorter LavaPrefix", await instance.ClusterAsync());
        Assert.StartsWith("LAVA5036: ", await instance.FailToStartAsync());
        Assert.IsFalse(Directory.Exists(instance.Data));
    }

    [TestMethod]
    public async Task A_socket_path_of_exactly_the_limit_works()
    {
        using DatabaseInstance probe = await DatabaseInstance.MakeAsync(name: "");
        int room = 107 - probe.At("run/postgresql/.s.PGSQL.5432").Length;
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync(name: new string('l', room - 1));
        Assert.AreEqual(107, instance.At("run/postgresql/.s.PGSQL.5432").Length);
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess server = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_comma_in_the_socket_path_is_told()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync(name: "a,b");
        Assert.StartsWith("1: LAVA5036: The path of the socket", await instance.ClusterAsync());
    }

    [TestMethod]
    public async Task A_second_server_is_refused_at_once_with_the_number_of_the_first()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess server = await instance.StartAsync();
        Assert.StartsWith($"LAVA5035: PostgreSQL already runs on '{instance.Data}', as process {server.Id}.", await instance.FailToStartAsync());
        Assert.AreEqual("", await instance.DatabaseAsync());
    }

    [TestMethod]
    public async Task A_server_that_was_started_by_hand_is_noticed_as_well()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess server = ServerProcess.Start(
            NoVariables, $"{DatabaseInstance.HostPrograms}/postgres", "-D", instance.Data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={instance.At("tmp")}");
        Assert.IsTrue(await server.WaitAsync(() => Task.FromResult(server.Output.Contains("ready to accept", StringComparison.Ordinal))), server.Output);
        Assert.StartsWith($"LAVA5035: PostgreSQL already runs on '{instance.Data}', as process {server.Id}.", await instance.FailToStartAsync());
        Assert.IsFalse(server.HasExited);
    }

    [TestMethod]
    public async Task Settings_that_PostgreSQL_refuses_are_told_with_their_line()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        await File.WriteAllTextAsync(instance.At("etc/postgresql.conf"), "work_mem = 8MB\nwrok_mem = 9MB\n");
        string said = await instance.FailToStartAsync();
        Assert.StartsWith("LAVA5033: PostgreSQL refuses its settings: ", said);
        Assert.Contains("\"wrok_mem\"", said);
        Assert.Contains("line 2", said);
    }

    [TestMethod]
    [DataRow("size=8m", "it needs 67108864 bytes")]
    [DataRow("size=200m,nr_inodes=300", "No space left on device")]
    public async Task A_full_disk_while_the_cluster_is_made_is_told_and_leaves_nothing(string limit, string reason)
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Ran ran = await MountSpace.RunAsync($"""
            mount -t tmpfs -o {limit},mode=0777 none "$1"/var/postgresql
            as "$2"/libexec/lava-build/database-cluster && exit 9
            find "$1"/var/postgresql -mindepth 2
            """, instance);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
        Assert.StartsWith($"LAVA5034: There is no room for the database in '{instance.At("var/postgresql/15")}': ", ran.Error);
        Assert.Contains(reason, ran.Error);
        Assert.AreEqual($"{instance.At("var/postgresql/15/.lock")}\n", ran.Output);
    }

    [TestMethod]
    public async Task A_system_without_shared_memory_is_told_and_nothing_is_left()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Ran ran = await MountSpace.RunAsync("""
            echo 0 > /proc/sys/kernel/shmmni
            as "$2"/libexec/lava-build/database-cluster && exit 9
            find "$1"/var/postgresql -mindepth 2
            """, instance);
        Assert.AreEqual(0, ran.ExitCode, ran.Error);
        Assert.StartsWith("LAVA5037: PostgreSQL gets no shared memory from this system: ", ran.Error);
        Assert.AreEqual($"{instance.At("var/postgresql/15/.lock")}\n", ran.Output);
    }

    [TestMethod]
    public async Task A_disk_that_fills_while_the_server_runs_is_told_by_step_query_and_start()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Ran ran = await MountSpace.RunAsync("""
            mount -t tmpfs -o size=90m,mode=0777 none "$1"/var/postgresql
            as "$2"/libexec/lava-build/database-cluster
            start "$@"
            dd if=/dev/zero of="$1"/var/postgresql/filler bs=1M status=none 2> /dev/null || :
            as "$2"/libexec/lava-build/database 2>&1 && exit 9
            # Where it cannot write, PostgreSQL itself stops by a crash.
            kill -INT "$(head -n 1 "$1"/var/postgresql/15/main/postmaster.pid)"
            wait $! || :
            as "$2"/bin/postgres 2>&1 && exit 8
            rm "$1"/var/postgresql/filler
            start "$@"
            as "$2"/libexec/lava-build/database
            stop "$@"
            """, instance);
        Assert.AreEqual(0, ran.ExitCode, ran.Error + ran.Output);
        string[] lines = ran.Output.TrimEnd('\n').Split('\n');
        Assert.HasCount(2, lines, ran.Output);
        Assert.StartsWith("LAVA5034: There is no room for the database on the database server 'run/postgresql': ", lines[0]);
        Assert.StartsWith($"LAVA5034: There is no room for the database in '{instance.At("var/postgresql/15")}': No space left on device (it needs 33554432 bytes).", lines[1]);
    }
}
