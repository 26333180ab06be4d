namespace Lava.Build.Tasks;

/// <summary>The process of MSBuild that the tasks run in.</summary>
internal static class MSBuildProcess
{
    /// <summary>
    /// Whether it carries out what another process was asked for: MSBuild's server, or one of several nodes. It has not the terminal of
    /// whoever started the build, and at worst somebody else's.
    /// </summary>
    internal static bool ServesAnother => WasGiven(["nodemode"]);

    /// <summary>Whether its command line has one of some switches, which are given in lower case.</summary>
    internal static bool WasGiven(string[] switches) => Array.Exists(
        Environment.GetCommandLineArgs(),
        argument => (argument.StartsWith('-') || argument.StartsWith('/'))
            && switches.Contains(argument.TrimStart('-', '/').Split(':', '=')[0].ToLowerInvariant()));
}
