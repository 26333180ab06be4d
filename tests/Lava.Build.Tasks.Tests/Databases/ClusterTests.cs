using Lava.Build.Databases;
using Lava.Build.Tests.Shells;

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
            await server.SignalAsync("INT");
            await server.EndAsync();
            Assert.AreEqual(0, server.ExitCode, server.Output);
        }

        Assert.AreEqual("", await instance.ClusterAsync());
        await using ServerProcess again = await instance.StartAsync();
        Assert.AreEqual("", await instance.DatabaseAsync());
        Assert.AreEqual("kept", await instance.AskAsync("SELECT word FROM kept"));
        Assert.AreEqual(
            (UnixFileMode)0b111_000_000, File.GetUnixFileMode(instance.At(DatabaseDescription.SocketDirectory)) & (UnixFileMode)0b111_000_000);
    }
}
