using System.Globalization;
using Lava.Build.Databases;

namespace Lava.Build.Tests.Databases;

/// <summary>The instance's own PostgreSQL, by the scripts of a release.</summary>
[TestClass]
public sealed class ClusterTests
{
    [TestMethod]
    public async Task A_new_instance_gets_a_cluster_a_role_and_a_database_and_a_second_start_keeps_them()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        await using (ServerProcess server = await instance.StartAsync())
        {
            Assert.AreEqual("", await instance.DatabaseAsync());
            Assert.AreEqual(
                "server lab UTF8 C.UTF-8 on on mmap off an instance",
                await instance.AskAsync("""
                    SELECT concat_ws(' ', current_user, current_database(), pg_encoding_to_char(encoding), datcollate, current_setting('data_checksums'),
                        current_setting('fsync'), current_setting('dynamic_shared_memory_type'), current_setting('jit'), current_setting('cluster_name'))
                        FROM pg_database WHERE datname = current_database()
                    """));
            await instance.AskAsync("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('kept')");
            // The first start says nothing that an admin would wonder about.
            Assert.DoesNotContain("does not exist", server.Output);
            Assert.AreEqual(0, await server.StopAsync(), server.Output);
        }

        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess again = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("kept", await instance.AskAsync("SELECT word FROM kept"));
    }

    [TestMethod]
    public async Task Only_the_owner_reaches_it_and_no_TCP_port_is_open()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess server = await instance.StartAsync();
        Assert.AreEqual("", await instance.AskAsync("SELECT ''", "postgres"));
        Assert.AreEqual("", await instance.AskAsync("SHOW listen_addresses", "postgres"));
        HashSet<string> sockets = [.. server.Sockets()];
        Assert.IsNotEmpty(sockets);
        string[] internet = [.. Directory.GetFiles($"/proc/{server.Id}/net", "tcp*").SelectMany(File.ReadLines).Concat(File.ReadLines($"/proc/{server.Id}/net/udp"))];
        Assert.IsGreaterThan(2, internet.Length);
        // The tenth column is the socket's number: proc(5).
        string[] open = [.. internet.Where(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: > 9 } words && sockets.Contains(words[9]))];
        Assert.IsEmpty(open, string.Join('\n', open));
        Assert.AreEqual((UnixFileMode)0b111_000_000, File.GetUnixFileMode(instance.At(DatabaseDescription.SocketDirectory + "/.s.PGSQL.5432")));
        Assert.AreEqual((UnixFileMode)0b111_000_000, File.GetUnixFileMode(instance.Data));
    }

    [TestMethod]
    [DataRow("moved to 'another' $place")]
    [DataRow("moved; \"there\" \\ %d #")]
    public async Task A_moved_instance_works_wherever_it_stands(string place)
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        await using (ServerProcess server = await instance.StartAsync())
        {
            Assert.AreEqual("", await instance.DatabaseAsync());
            await instance.AskAsync("CREATE TABLE kept (word text); INSERT INTO kept VALUES ('kept')");
            await server.StopAsync();
        }

        instance.MoveTo(place);
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess moved = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("kept", await instance.AskAsync("SELECT word FROM kept"));
        Assert.AreEqual($"{instance.Root}/run/postgresql", (await instance.AskAsync("SHOW unix_socket_directories", "postgres")).Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal));
    }

    [TestMethod]
    [DataRow("we\"ird 'na\\me'; DROP DATABASE postgres; -- $(touch x) :role %I", "ro\"le ' \\ `id` $HOME :'database'")]
    [DataRow("Größe 数据库", "Jürgen")]
    [DataRow("select", "user")]
    public async Task Names_are_what_they_are_however_odd(string name, string role)
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync(new DatabaseDescription { Name = name, User = role });
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess server = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual($"{name}|{role}", await instance.AskAsync("SELECT current_database(), current_user"));
        Assert.AreEqual("1|2", await instance.AskAsync("SELECT (SELECT count(*) FROM pg_database WHERE datname = current_database()), (SELECT count(*) FROM pg_roles WHERE rolcanlogin)"));
    }

    [TestMethod]
    public async Task Several_first_runs_of_the_step_at_once_all_end_well()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        string[] clusters = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => instance.ClusterAsync()));
        Assert.IsTrue(clusters.All(said => said.Length == 0 || said.StartsWith("0: database-cluster: waits", StringComparison.Ordinal)), string.Join('\n', clusters));
        await using ServerProcess server = await instance.StartAsync();
        string[] databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => instance.DatabaseAsync()));
        Assert.AreEqual("", string.Concat(databases));
        Assert.AreEqual("lab", await instance.AskAsync("SELECT current_database()"));
    }

    [TestMethod]
    public async Task Settings_of_the_item_count_and_those_of_the_admin_count_more()
    {
        DatabaseDescription database = new()
        {
            Name = "lab",
            Settings = new Dictionary<string, string> { ["work_mem"] = "7MB", ["shared_buffers"] = "16MB", ["log_line_prefix"] = "it's \\ %p " },
        };
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync(database);
        Assert.AreEqual("", await instance.ClusterAsync());
        await File.WriteAllTextAsync(instance.At("etc/postgresql.conf"), "shared_buffers = 17MB\nlisten_addresses = '*'\n");
        await using ServerProcess server = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("lab|7MB|17MB||it's \\ %p ", await instance.AskAsync(
            "SELECT current_user, current_setting('work_mem'), current_setting('shared_buffers'), current_setting('listen_addresses'), current_setting('log_line_prefix')"));
    }

    [TestMethod]
    public async Task Steps_are_due_again_in_a_cluster_that_was_made_anew()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        string record = instance.At("var/steps/upgrade-database");
        for (int round = 0; round < 2; round++)
        {
            Assert.AreEqual("", await instance.ClusterAsync());
            await using ServerProcess server = await instance.StartAsync();
            for (int start = 0; start < 2; start++)
            {
                Assert.AreEqual("", await instance.DatabaseAsync());
                Assert.AreEqual(start > 0, File.Exists(record));
                await File.WriteAllTextAsync(record, DatabaseInstance.Release);
            }

            await server.StopAsync();
            Directory.Delete(instance.At("var/postgresql/15"), recursive: true);
        }
    }

    [TestMethod]
    public async Task A_dump_goes_into_a_fresh_cluster_by_the_documented_commands()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        string dump = instance.At("tmp/lab.dump");
        Assert.AreEqual("", await instance.ClusterAsync());
        await using (ServerProcess server = await instance.StartAsync())
        {
            Assert.AreEqual("", await instance.DatabaseAsync());
            await instance.AskAsync("CREATE TABLE kept (id serial PRIMARY KEY, word text); INSERT INTO kept (word) VALUES ('kept')");
            Shells.Ran dumped = await instance.RunAsync("bin/pg_dump", "-Fc", "-f", dump);
            Assert.AreEqual(0, dumped.ExitCode, dumped.Error);
            await server.StopAsync();
        }

        // As from 13 to 15, but for the programs.
        Directory.Move(instance.At("var/postgresql/15"), instance.At("tmp/13"));
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess fresh = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
        Shells.Ran restored = await instance.RunAsync("bin/pg_restore", "--exit-on-error", "-d", "lab", dump);
        Assert.AreEqual(0, restored.ExitCode, restored.Error);
        Assert.AreEqual("1|kept", await instance.AskAsync("SELECT id, word FROM kept"));
    }

    [TestMethod]
    public async Task It_works_without_shared_memory_files()
    {
        // Absent, and there but refusing: each for all that the instance does, and for a query of several processes.
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        foreach (string hide in (string[])["mount -t tmpfs -o ro,size=4k none /dev/shm", "mount --bind \"$1\"/empty /dev/shm\nmount -o remount,bind,ro /dev/shm"])
        {
            Directory.CreateDirectory(instance.At("empty"));
            Shells.Ran ran = await MountSpace.RunAsync($$"""
                {{hide}}
                ! touch /dev/shm/a 2> /dev/null || exit 9
                as "$2"/libexec/lava-build/database-cluster
                start "$@"
                as "$2"/libexec/lava-build/database
                as "$2"/libexec/lava-build/psql -At -c 'SET force_parallel_mode = on; SELECT count(*) FROM generate_series(1, 1000)'
                as "$2"/libexec/lava-build/psql -At -c 'SET force_parallel_mode = on; EXPLAIN (ANALYZE, COSTS OFF) SELECT count(*) FROM pg_class' | grep Launched
                stop "$@"
                """, instance);
            Assert.AreEqual(0, ran.ExitCode, ran.Error + ran.Output);
            Assert.Contains("1000\n", ran.Output);
            Assert.Contains("Workers Launched: 1", ran.Output);
        }
    }

    [TestMethod]
    public async Task The_number_of_a_stranger_in_a_lock_file_stops_no_start()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess stranger = ServerProcess.Start(new Dictionary<string, string?>(), "sleep", "1000");
        foreach (string number in (string[])[stranger.Id.ToString(CultureInfo.InvariantCulture), $"-{stranger.Id}", "", "nonsense", "1"])
        {
            string pid = Path.Combine(instance.Data, "postmaster.pid");
            string socket = instance.At("run/postgresql/.s.PGSQL.5432.lock");
            await File.WriteAllTextAsync(pid, number.Length == 0 ? "" : $"{number}\n{instance.Data}\n1700000000\n5432\n{instance.At("run/postgresql")}\n\n");
            await File.WriteAllTextAsync(socket, number.Length == 0 ? "" : $"{number}\n{instance.Data}\n1700000000\n5432\n\n");
            await OrdinaryUser.OwnAsync(instance.At("run"));
            await OrdinaryUser.OwnAsync(pid);
            await using ServerProcess server = await instance.StartAsync();
            await server.StopAsync();
        }
    }

    [TestMethod]
    public async Task A_server_that_was_killed_comes_back_with_what_it_had_promised()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        Assert.AreEqual("", await instance.ClusterAsync());
        for (int round = 0; round < 3; round++)
        {
            await using ServerProcess server = await instance.StartAsync();
            Assert.AreEqual("", await instance.DatabaseAsync());
            await instance.AskAsync("CREATE TABLE IF NOT EXISTS kept (round int)");
            await instance.AskAsync($"INSERT INTO kept VALUES ({round})");
            await server.SignalAsync("KILL");
            await server.EndAsync();
        }

        await using ServerProcess last = await instance.StartAsync();
        Assert.AreEqual("0,1,2", await instance.AskAsync("SELECT string_agg(round::text, ',' ORDER BY round) FROM kept"));
    }

    [TestMethod]
    public async Task A_kill_while_the_cluster_is_made_leaves_nothing_that_the_next_run_does_not_cure()
    {
        using DatabaseInstance instance = await DatabaseInstance.MakeAsync();
        string made = instance.At("var/postgresql/15");
        for (int round = 0; round < 8; round++)
        {
            await using ServerProcess making = ServerProcess.Start(new Dictionary<string, string?>(), "setsid", "--wait", instance.InRelease(DatabaseFiles.ClusterScript));
            // Farther on in each round: what is being made grows by a few files at a time.
            int enough = 1 + (round * 120);
            await making.WaitAsync(() => Task.FromResult(Directory.Exists(made) && FilesIn(made) >= enough));
            // The script alone, or all that it has started as well.
            await (round % 2 == 0 ? making.KillSessionAsync("script") : making.KillSessionAsync("all"));
            await making.EndAsync();
        }

        string said = await instance.ClusterAsync();
        Assert.IsTrue(said.Length == 0 || said.StartsWith("0: database-cluster: waits", StringComparison.Ordinal), said);
        CollectionAssert.AreEqual(new[] { "main" }, Directory.GetDirectories(made).Select(Path.GetFileName).ToArray());
        await using ServerProcess server = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
    }

    private static int FilesIn(string directory)
    {
        try
        {
            return Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Count();
        }
        catch (DirectoryNotFoundException)
        {
            // initdb or the script removes what it has made.
            return 0;
        }
    }
}
