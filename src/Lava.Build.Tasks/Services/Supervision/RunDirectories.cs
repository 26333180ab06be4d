using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>The directories that every running instance needs.</summary>
internal static class RunDirectories
{
    private static readonly string[] Outer = ["run", "tmp", "var"];
    private static readonly string[] Inner = ["var/log", "var/steps"];

    /// <summary>Makes those that are the instance's own and missing, before they are given to its user.</summary>
    internal static void MakeOuter(InstanceLayout layout) => Make(layout, Outer);

    /// <summary>Makes those below them, as the instance's user.</summary>
    internal static void MakeInner(InstanceLayout layout, RunAs? user)
    {
        using FileIdentity identity = FileIdentity.Of(user);
        Make(layout, Inner);
    }

    private static void Make(InstanceLayout layout, IEnumerable<string> names)
    {
        foreach (string directory in names.Select(name => Path.Combine(layout.Root, name)).Where(directory => !Directory.Exists(directory)))
        {
            Directory.CreateDirectory(directory);
        }
    }
}
