using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Databases;

/// <summary>Somebody as whom PostgreSQL runs: whoever runs the tests, or an ordinary user where that is root.</summary>
internal static class OrdinaryUser
{
    private const string Fallback = "nobody";
    public const int FallbackId = 65_534;

    public static bool IsRoot { get; } = Environment.UserName == "root";

    public static string Name { get; } = IsRoot ? Fallback : Environment.UserName;

    /// <summary>The command line that runs <paramref name="command"/> as that user, and ends it with the test run.</summary>
    public static string[] Command(params string[] command) => IsRoot
        ? ["setpriv", $"--reuid={FallbackId}", $"--regid={FallbackId}", "--clear-groups", "--pdeathsig=KILL", "--", .. command]
        : ["setpriv", "--pdeathsig=KILL", "--", .. command];

    /// <summary>Gives him all of a directory.</summary>
    public static async Task OwnAsync(string directory)
    {
        if (IsRoot)
        {
            await Run.OutputAsync("chown", ["-hR", $"{FallbackId}:{FallbackId}", directory]);
        }
    }

    public static async Task<Ran> RunAsync(string[] command, IReadOnlyDictionary<string, string?>? environment = null, string? directory = null)
    {
        string[] all = Command(command);
        return await Run.ProgramAsync(all[0], all[1..], environment, directory);
    }
}
