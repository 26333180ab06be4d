using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>Runs lines of sh that may mount and limit shared memory: nobody else sees what they do, and it is gone with them.</summary>
internal static class MountSpace
{
    /// <param name="script">
    /// The lines. <c>$1</c> is the instance and <c>$2</c> its release; <c>as COMMAND</c> runs it as an ordinary user, <c>start "$@"</c> and
    /// <c>stop "$@"</c> are for the instance's server.
    /// </param>
    /// <param name="instance">The instance.</param>
    public static Task<Ran> RunAsync(string script, DatabaseInstance instance)
    {
        // Without root, the user is its own root for mounting, and keeps its name for PostgreSQL.
        string[] space = OrdinaryUser.IsRoot ? ["--mount"] : ["--map-current-user", "--keep-caps", "--mount"];
        string asUser = $$"""
            as () { {{string.Join(' ', OrdinaryUser.Command())}} "$@"; }
            start () {
                as "$2"/bin/postgres > "$1"/tmp/log 2>&1 &
                until as "$2"/libexec/lava-build/database-ready; do kill -0 $! || { cat "$1"/tmp/log; exit 8; }; sleep 0.05; done
            }
            stop () {
                kill -INT "$(head -n 1 "$1"/var/postgresql/15/main/postmaster.pid)"
                wait $! || { cat "$1"/tmp/log; exit 7; }
            }
            """;
        return Run.ProgramAsync("unshare", [.. space, "--ipc", "--kill-child", "--pid", "--fork", "--mount-proc", "--", "sh", "-euc", $"{asUser}\ncd /\n{script}", "sh", instance.Root, instance.InRelease("")]);
    }
}
