using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>Runs lines of sh that may mount: what they mount nobody else sees, and it is gone with them.</summary>
internal static class MountSpace
{
    /// <param name="script">The lines; <c>as COMMAND</c> runs it as an ordinary user.</param>
    /// <param name="arguments">Its <c>$1</c> and so on.</param>
    public static Task<Ran> RunAsync(string script, params string[] arguments)
    {
        // Without root, the user is its own root for mounting, and keeps its name for PostgreSQL.
        string[] space = OrdinaryUser.IsRoot ? ["--mount"] : ["--map-current-user", "--keep-caps", "--mount"];
        string asUser = $$"""as () { {{string.Join(' ', OrdinaryUser.Command())}} "$@"; }""";
        return Run.ProgramAsync("unshare", [.. space, "--kill-child", "--pid", "--fork", "--mount-proc", "--", "sh", "-euc", $"{asUser}\ncd /\n{script}", "sh", .. arguments]);
    }
}
