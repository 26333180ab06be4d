using System.Diagnostics;

namespace Lava.Build.Sdk.Tests;

/// <summary>PostgreSQL from Debian's packages, in an instance that was built like any other.</summary>
[TestClass]
[DoNotParallelize]
public sealed class DatabaseTests
{
    // Of the host itself, all that the components supply is hidden: its libraries are empty, its programs gone.
    private const string Script = """
        set -eu
        instance=$1
        user=$2
        mount -t tmpfs none /usr/lib/postgresql 2> /dev/null || :
        mount -t tmpfs none /usr/share/postgresql 2> /dev/null || :
        # Last those that mount itself might need.
        for library in libpq.so.5 libicui18n.so.72 libicuuc.so.72 libicudata.so.72 libxml2.so.2 libldap-2.5.so.0 liblber-2.5.so.0 libsasl2.so.2 \
            liblz4.so.1 libgssapi_krb5.so.2 libkrb5.so.3 libk5crypto.so.3 libkrb5support.so.0 libkeyutils.so.1 libreadline.so.8 libzstd.so.1; do
            file=$(readlink -f /usr/lib/x86_64-linux-gnu/$library)
            if [ -f "$file" ]; then mount --bind /dev/null "$file"; fi
        done
        as () { setpriv $user --pdeathsig=KILL -- "$@"; }
        cd /
        release=$instance/code/current
        as "$release"/libexec/lava-build/steps/database-cluster
        as "$release"/bin/postgres > "$instance"/tmp/log 2>&1 &
        until as "$release"/libexec/lava-build/database-ready; do kill -0 $! || { cat "$instance"/tmp/log; exit 9; }; sleep 0.05; done
        as "$release"/libexec/lava-build/steps/database
        as "$release"/libexec/lava-build/psql -At -c 'SELECT current_database(), current_user, current_setting($$server_version_num$$)::int / 10000'
        as "$release"/bin/psql -U postgres -d lab -At -c 'CREATE EXTENSION pgcrypto' -c "SELECT encode(digest('x', 'sha256'), 'hex')"
        as "$release"/bin/pg_dump > "$instance"/tmp/dump
        grep -c 'EXTENSION IF NOT EXISTS pgcrypto' "$instance"/tmp/dump
        server=$(head -n 1 "$instance"/var/postgresql/15/main/postmaster.pid)
        sed -n 's/.* \(\/.*\.so[.0-9]*\)$/library \1/p' /proc/$server/maps | sort -u
        kill -INT $server
        wait $!
        echo stopped
        """;

    [TestMethod]
    [TestCategory("Slow")]
    public async Task PostgreSQL_of_components_runs_where_the_host_has_none_of_it()
    {
        using TestProject project = new();
        // Deep directories are longer than a socket's path may be.
        using ShortDirectory place = new();
        project.Describe($"""
            <Import Project="{Repository.Sdk}/applications/lava-server/database.props" />
            <ItemGroup>
              <LavaComponent Include="@(_LavaFeatureComponent)" />
              <LavaComponent Include="libpq5" Source="deb" Version="15.18-0+deb12u1" />
              <LavaComponent Include="libldap-2.5-0" Source="deb" Version="2.5.13+dfsg-5" />
              <LavaComponent Include="libsasl2-2" Source="deb" Version="2.1.28+dfsg-10" />
              <LavaDatabase Include="lab" />
            </ItemGroup>
            """);
        CommandResult built = (await project.BuildAsync($"-p:LavaInstanceRoot={place.Path}/i")).Succeeds().DoesNotSay("warning LAVA");
        string instance = Path.Combine(place.Path, "i");
        bool root = Environment.UserName == "root";
        if (root)
        {
            (await project.RunAsync("chown", ["-R", "nobody", .. new[] { "etc", "run", "tmp", "var" }.Select(own => Path.Combine(instance, own))])).Succeeds();
        }

        Stopwatch watch = Stopwatch.StartNew();
        string[] space = root ? ["--mount"] : ["--map-current-user", "--keep-caps", "--mount"];
        CommandResult ran = await project.RunAsync(
            "unshare", [.. space, "--", "sh", "-c", Script, "sh", instance, root ? "--reuid=nobody --clear-groups" : "--inh-caps=-all --ambient-caps=-all"]);
        ran.Succeeds().Says("lab|lab|15\n").Says("2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n1\n").Says("stopped\n");
        Console.WriteLine($"{watch.Elapsed} {built.CommandLine}");

        // What components supply comes from them.
        string[] libraries = [.. ran.Output.Split('\n').Where(line => line.StartsWith("library ", StringComparison.Ordinal)).Select(line => line[8..])];
        foreach (string name in (string[])["libicuuc.so.72", "libxml2.so.2", "libldap-2.5.so.0", "libsasl2.so.2", "liblz4.so.1", "libzstd.so.1", "libgssapi_krb5.so.2", "libkrb5.so.3"])
        {
            string library = libraries.Single(path => Path.GetFileName(path).StartsWith(name, StringComparison.Ordinal));
            StringAssert.StartsWith(library, $"{instance}/code/.store/", StringComparison.Ordinal);
        }
    }

    [TestMethod]
    public async Task The_password_is_kept_and_is_in_no_log_and_no_binary_log()
    {
        const string Secret = "hush-hush-4711";
        using TestProject project = TestProject.OfAlpha(more: TestProject.Items(
            """<LavaDatabase Include="lab" Host="db.example" PasswordVariable="LAB_SECRET" />"""));
        project.SetVariable("LAB_SECRET", Secret);
        CommandResult built = await project.BuildAsync("-v:diag", "-bl:build.binlog");
        built.Succeeds().DoesNotSay(Secret);
        // What `dotnet run` asks for before it starts anything.
        CommandResult stored = await project.BuildAsync("-t:ComputeRunArguments", "-v:diag", "-bl:store.binlog");
        stored.Succeeds().DoesNotSay(Secret);
        string kept = Path.Combine(project.Instance, "etc", "database.pgpass");
        Assert.AreEqual($"db.example:5432:*:lab:{Secret}\n", await File.ReadAllTextAsync(kept));
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        foreach (string log in (string[])["build.binlog", "store.binlog"])
        {
            // A compressed stream of records: gzip's own check of its length tells that all of it was read.
            using System.IO.Compression.GZipStream unpacked = new(File.OpenRead(project[log]), System.IO.Compression.CompressionMode.Decompress);
            using MemoryStream bytes = new();
            await unpacked.CopyToAsync(bytes);
            string text = System.Text.Encoding.Latin1.GetString(bytes.ToArray());
            StringAssert.Contains(text, "LAB_SECRET", StringComparison.Ordinal);
            Assert.IsFalse(text.Contains(Secret, StringComparison.Ordinal), log);
        }

        string release = Path.Combine(project.Instance, "code", "current");
        (await project.RunAsync("grep", "-rl", Secret, release)).DoesNotSay(release);
    }

    [TestMethod]
    public async Task A_description_that_cannot_be_meant_is_refused_where_it_stands()
    {
        using TestProject project = TestProject.OfAlpha(more: """
            <ItemGroup>
              <LavaDatabase Include="lab" Tls="require" />
              <LavaDatabase Include="more" Host="h" Port="none" />
            </ItemGroup>
            """);
        (await project.BuildAsync()).FailsWith("LAVA1081", "LAVA1082", "LAVA1082", "LAVA1083", "LAVA1083");
    }

    private sealed class ShortDirectory : IDisposable
    {
        public ShortDirectory()
        {
            Path = $"/tmp/lb-{Guid.NewGuid().ToString("N")[..8]}";
            Directory.CreateDirectory(Path);
        }

        public string Path { get; }

        public void Dispose() => TestDirectory.Delete(Path);
    }
}
