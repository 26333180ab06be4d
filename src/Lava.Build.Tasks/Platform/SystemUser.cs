using Lava.Build.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>The users of the host that programs of an instance run as.</summary>
internal static class SystemUser
{
    // What utmp(5) and so useradd(8) have room for.
    private const int LongestName = 32;

    // Where useradd is may not be in the caller's PATH.
    private static readonly HostEnvironment Tools = new(
        "/", new Dictionary<string, string> { ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin", ["LC_ALL"] = "C.UTF-8" });

    /// <summary>The user of a name, wherever the host keeps its users; null if there is none.</summary>
    internal static RunAs? Find(string name) => Posix.FindUser(name);

    /// <summary>Makes a user without a password, a shell, and a home of its own (useradd(8)), with a group of the same name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="home">What programs take for its home; it is not made.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="LavaException">The host does not make one of this name (LAVA5071).</exception>
    internal static async Task<RunAs> MakeAsync(string name, string home, CancellationToken cancellation)
    {
        if (name.Length > LongestName)
        {
            throw Problem.Error(Strings.UserNotMade, SourceLocation.None, name, $"its name is longer than {LongestName} characters").ToException();
        }

        ProcessRequest request = new(
            "useradd",
            ["--system", "--user-group", "--no-create-home", "--home-dir", home, "--shell", "/usr/sbin/nologin", "--comment", "Lava.Build instance", "--", name]);
        ProcessOutcome outcome = await new ProcessRunner(Tools).RunAsync(request, cancellation);

        // Another may have made it meanwhile.
        return Find(name) ?? throw Problem.Error(
            Strings.UserNotMade, SourceLocation.None, name, LastLine(outcome.Error) is { Length: > 0 } said ? said : $"useradd ended with exit code {outcome.ExitCode}").ToException();
    }

    /// <summary>The first of <paramref name="directories"/> that a user cannot pass, by what the kernel says to that user; null if there is none.</summary>
    internal static Task<string?> FirstBarredAsync(RunAs user, IReadOnlyList<string> directories, CancellationToken cancellation) =>
        FirstAsync(user, "-x", directories, cancellation);

    /// <summary>The first of <paramref name="directories"/> that a user cannot write in; null if there is none.</summary>
    internal static Task<string?> FirstUnwritableAsync(RunAs user, IReadOnlyList<string> directories, CancellationToken cancellation) =>
        FirstAsync(user, "-w", directories, cancellation);

    private static async Task<string?> FirstAsync(RunAs user, string test, IReadOnlyList<string> directories, CancellationToken cancellation)
    {
        string script = $"i=0; for place; do [ {test} \"$place\" ] || {{ echo $i; exit; }}; i=$((i + 1)); done";
        ProcessRequest request = new(
            "setpriv",
            [$"--reuid={user.Uid}", $"--regid={user.Gid}", "--init-groups", "--inh-caps=-all", "--", "/bin/sh", "-c", script, "sh", .. directories]);
        ProcessOutcome outcome = await new ProcessRunner(Tools).RunAsync(request, cancellation);
        if (outcome.ExitCode != 0)
        {
            throw Problem.Error(Strings.UserUnusable, SourceLocation.None, user.Name, LastLine(outcome.Error)).ToException();
        }

        return int.TryParse(outcome.Output.Trim(), out int index) ? directories[index] : null;
    }

    private static string LastLine(string text) => text.TrimEnd().Split('\n')[^1];
}
