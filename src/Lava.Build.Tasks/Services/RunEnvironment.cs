using Lava.Build.Platform;

namespace Lava.Build.Services;

/// <summary>The variables of every program of an instance, whoever starts it: little of the caller's, so that a service does the same everywhere.</summary>
internal static class RunEnvironment
{
    /// <summary>The variable that tells which instance a program is of.</summary>
    internal const string InstanceVariable = "LAVA_INSTANCE";

    private const string UserPath = "/usr/local/bin:/usr/bin:/bin";
    private const string RootPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static readonly string[] KeptNames = ["HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TERM"];

    /// <summary>All variables of a program.</summary>
    /// <param name="caller">The variables of whoever starts it: who and where that is, the language, the terminal and proxies are kept.</param>
    /// <param name="holes">The instance's and the release's absolute directories.</param>
    /// <param name="user">Whom it runs as, where that is not the caller.</param>
    /// <param name="own">What its item sets; the two holes are filled.</param>
    internal static Dictionary<string, string> Of(
        IReadOnlyDictionary<string, string> caller, RunHoles holes, RunAs? user, IReadOnlyDictionary<string, string>? own = null)
    {
        Dictionary<string, string> variables = Kept(caller, IsKept);
        if (user is not null)
        {
            variables["HOME"] = user.Home;
            variables["USER"] = user.Name;
            variables["LOGNAME"] = user.Name;
            variables.Remove("SHELL");
        }

        bool root = (user?.Uid ?? Posix.EffectiveUser()) == 0;
        variables[InstanceVariable] = holes.InstanceRoot;
        variables["LAVA_RELEASE"] = holes.Release;
        variables["VIRTUAL_ENV"] = holes.Release;
        variables["PATH"] = $"{holes.Release}/bin:{(root ? RootPath : UserPath)}";
        variables["TMPDIR"] = $"{holes.InstanceRoot}/tmp";
        // Or what a program says would come when its buffer is full.
        variables["PYTHONUNBUFFERED"] = "1";
        foreach ((string name, string value) in own ?? new Dictionary<string, string>())
        {
            variables[name] = holes.Fill(value);
        }

        return variables;
    }

    /// <summary>
    /// All variables of a program that lasts and only starts others by <see cref="Of"/>: what that keeps, and what dotnet is found and run by.
    /// Whatever else the caller has, such as passwords, anybody of the same user could read as long as it runs.
    /// </summary>
    internal static Dictionary<string, string> OfSupervisor(IReadOnlyDictionary<string, string> caller) =>
        Kept(caller, name => name == "PATH" || name.StartsWith("DOTNET_", StringComparison.Ordinal) || IsKept(name));

    private static Dictionary<string, string> Kept(IReadOnlyDictionary<string, string> caller, Func<string, bool> isKept) =>
        caller.Where(variable => isKept(variable.Key)).ToDictionary(StringComparer.Ordinal);

    private static bool IsKept(string name) =>
        KeptNames.Contains(name, StringComparer.Ordinal)
        || name.StartsWith("LC_", StringComparison.Ordinal)
        || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);
}
